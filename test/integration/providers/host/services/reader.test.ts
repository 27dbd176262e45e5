import { execFileSync } from "node:child_process";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { poolerReader } from "../../../../../components/pgbouncer/files";
import { assertReadable, assertTaken, endOfLog } from "../../../../../providers/host/services/reader";

let folder: string;
const at = () => ({ directory: join(folder, "supervisor") });
const log = (text: string): Promise<void> => appendFile(join(folder, "log", "pooler.log"), text);
const signal = new AbortController().signal;
const begins = "2026-11-29 UTC [1] LOG got SIGHUP, re-reading config\n";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "howdah-reader-"));
  await mkdir(join(folder, "log"));
});
afterEach(() => rm(folder, { recursive: true }));

/** What comes of a reading that writes this text. */
async function outcome(text: string, before = ""): Promise<string> {
  await log(before);
  const part = await endOfLog(at(), "pooler");
  await log(text);
  return assertTaken(part, poolerReader, signal).then(
    () => "taken",
    (error: unknown) => (error as Error).message,
  );
}

// As PgBouncer 1.18 writes them.
test.each([
  "WARNING address does not match mask in /etc/hba.conf line #1: 127.0.0.5 / 255.0.0.0",
  "WARNING could not parse hba config line 1",
  "ERROR broken auth file",
  'ERROR invalid value "abc" for parameter max_client_conn in configuration (p.ini:11)',
  "ERROR syntax error in configuration (p.ini:11), stopping loading",
  "WARNING config file loading failed",
  "ERROR could not open hba config file /etc/hba.conf: No such file or directory",
])("a file of which PgBouncer skips something is named with its words: %s", async (line) => {
  expect(await outcome(`${begins}2026-11-29 UTC [1] ${line}\n`)).toBe(
    `pooler has not accepted all of its files:\n2026-11-29 UTC [1] ${line}`,
  );
});

test.each([
  ["nothing", ""],
  ["a client", "WARNING C-0x5649c8907580: a/b@127.0.0.1:1 pooler error: auth file of another config\n"],
  ["a server", "WARNING S-0x5649c8907580: a/b@127.0.0.1:1 bad parameter\n"],
])("a reading with word of %s is good", async (_what, line) => {
  expect(await outcome(`${begins}${line}`)).toBe("taken");
});

test("what was refused before does not count, nor does an old reading", async () => {
  expect(await outcome(begins, `${begins}WARNING could not parse hba config line 1\n`)).toBe("taken");
});

test("a log that has begun again is read from its start", async () => {
  await log("x".repeat(1000));
  const part = await endOfLog(at(), "pooler");
  await writeFile(join(folder, "log", "pooler.log"), `${begins}ERROR broken auth file\n`);
  await expect(assertTaken(part, poolerReader, signal)).rejects.toThrow("broken auth file");
});

test("a log in which clients come and go all the time ends the wait as well", async () => {
  const part = await endOfLog(at(), "pooler");
  await log(`${begins}ERROR broken auth file\n`);
  let busy = true;
  const clients = (async () => {
    while (busy) {
      await log("LOG C-0x5649c8907580: app/app@127.0.0.1:1 login attempt\n");
      await sleep(20);
    }
  })();
  await expect(assertTaken(part, poolerReader, signal)).rejects.toThrow("broken auth file");
  busy = false;
  await clients;
});

test("a FIFO instead of a log blocks nothing, and says nothing", async () => {
  execFileSync("mkfifo", [join(folder, "log", "pooler.log")]);
  expect((await endOfLog(at(), "pooler")).from).toBe(0);
});

test("a reading that has not begun is waited for, and can be cancelled", async () => {
  const part = await endOfLog(at(), "pooler");
  await expect(assertTaken(part, poolerReader, AbortSignal.abort(new Error("Ctrl-C")))).rejects.toThrow("Ctrl-C");
  const taken = assertTaken(part, poolerReader, signal).catch(String);
  await log(`${begins}ERROR broken auth file\n`);
  expect(await taken).toContain("broken auth file");
});

test("a command that looks first says why the files are no good", async () => {
  await expect(assertReadable("haproxy", ["/bin/sh", "-c", "echo 'unknown keyword' >&2; exit 1"])).rejects.toThrow(
    /haproxy keeps its old files, .*unknown keyword/s,
  );
  await expect(assertReadable("haproxy", ["/bin/true"])).resolves.toBeUndefined();
});
