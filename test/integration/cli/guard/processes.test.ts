import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processesOf } from "../../../../cli/guard/processes";
import { waitFor } from "../../../../lib/retry";

const folder = mkdtempSync(join(tmpdir(), "processes-"));
const file = join(folder, "pgbouncer.ini");
const started: ChildProcess[] = [];

/** Starts a program that waits, under the words of another. Returns once they are to be seen. */
async function start(title: string, script: string, ...args: string[]): Promise<number> {
  const child = spawn("/bin/sh", ["-c", script, ...args], { argv0: title, stdio: ["pipe", "pipe", "ignore"] });
  started.push(child);
  await new Promise<void>((resolve) => child.stdout.once("data", () => { resolve(); })); // prettier-ignore
  return child.pid!;
}

/** Goes on for as long as its standard input is open. */
const waits = "echo; read line";

beforeAll(() => {
  writeFileSync(file, "[pgbouncer]\n");
});

afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await waitFor(() => Promise.resolve(started.every(({ signalCode }) => signalCode !== null) ? true : undefined), {
    timeout: 10_000,
  });
  rmSync(folder, { recursive: true });
});

test("only the program itself, with the very file, is the server", async () => {
  const server = await start("/usr/sbin/pgbouncer", waits, "sh", file);
  await start("/usr/bin/vi", waits, "pgbouncer", file);
  await start("/usr/bin/tail", `echo; exec tail -f "$1"`, "pgbouncer", file);
  await start("/opt/not-pgbouncer", waits, "sh", file);
  await start("/usr/sbin/pgbouncer", waits, "sh", `${file}.old`);
  await start("/usr/sbin/pgbouncer", waits, "sh", `--file=${file}`);
  expect(processesOf("pgbouncer", [file])).toEqual([server]);
});

test("another user's process is none of ours", async () => {
  const server = await start("/usr/sbin/pgbouncer", waits, "sh", join(folder, "mine.ini"));
  const mine = (): number[] => processesOf("pgbouncer", [join(folder, "mine.ini")]);
  expect(mine()).toEqual([server]);
  const user = jest.spyOn(process, "getuid").mockReturnValue(process.getuid!() + 1);
  expect(mine()).toEqual([]);
  user.mockRestore();
});

test("a check of HAProxy's file is not the server", async () => {
  const at = join(folder, "haproxy.cfg");
  const server = await start("/usr/sbin/haproxy", waits, "sh", "-W", "-db", "-f", at);
  await start("/usr/sbin/haproxy", waits, "sh", "-c", "-f", at);
  expect(processesOf("haproxy", ["-W", at])).toEqual([server]);
});
