import { checkout } from "../../../../../lib/paths";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { socketLoginsScript } from "../../../../../components/backup/socket-logins";
import type { LogicalJob } from "../../../../../cli/dumps/job";
import { backUpLogically, type LogicalRequest } from "../../../../../cli/dumps/take/backup";
import { listLogically } from "../../../../../cli/dumps/store/list";
import { formatManifest, type Manifest, parseManifest } from "../../../../../cli/dumps/store/manifest";
import { dataName, formatName, manifestName } from "../../../../../cli/dumps/store/names";
import { listening, type Logical, makeLogical } from "../../../../support/servers/backups/logical";
import { typescript } from "../../../../support/typescript";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";

let postgres: ThrowawayPostgres;
let logical: Logical;
beforeAll(async () => {
  postgres = await startPostgres();
  logical = await makeLogical(postgres);
  await postgres.sql(
    "postgres",
    "CREATE ROLE app_owner; CREATE ROLE app_login LOGIN IN ROLE app_owner; CREATE ROLE howdah_backup",
  );
  await postgres.sql("postgres", socketLoginsScript([]));
  await postgres.sql("postgres", "CREATE DATABASE app OWNER app_owner");
  await postgres.sql(
    "app",
    `SET ROLE app_owner; CREATE TABLE orders AS SELECT n, md5(n::text) AS text FROM generate_series(1, 20000) n;
     CREATE TABLE secrets AS SELECT 'a-secret-word' AS word`,
  );
});
beforeEach(() => {
  rmSync(logical.store, { recursive: true, force: true });
});
afterAll(async () => {
  logical.remove();
  await postgres.stop();
});

const request = (parts: Partial<LogicalRequest> = {}): LogicalRequest => ({
  database: "app",
  kind: "dump",
  tier: "logical",
  server: postgres,
  ...parts,
});
const backUp = (job: LogicalJob = logical.job, parts: Partial<LogicalRequest> = {}): Promise<Manifest> =>
  backUpLogically(job, request(parts), listening());
const at = (name: string): string => join(logical.store, name);
const withPrograms = (name: string, script: string): LogicalJob => ({
  ...logical.job,
  postgresBin: logical.programsWith(name, script),
});

const holders: Client[] = [];
/** A session that holds a table, so that a dump waits for it. */
async function holding(table: string): Promise<void> {
  const client = new Client({ host: "127.0.0.1", port: postgres.port, user: "postgres", database: "app" });
  holders.push(client);
  await client.connect();
  await client.query(`BEGIN; LOCK ${table}`);
}
async function release(): Promise<void> {
  for (const holder of holders.splice(0)) await holder.end();
}
afterEach(release);
/** Sessions of pg_dump; only those that wait for a lock, where asked: earlier, one cannot be told to stop yet. */
async function dumps(condition = "true"): Promise<number> {
  const sql = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'pg_dump' AND ${condition}`;
  return (await postgres.sql<{ count: number }>("postgres", sql))[0]!.count;
}
const waiting = async (): Promise<boolean> => (await dumps("wait_event_type = 'Lock'")) > 0;
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(20);
};

describe("a logical backup", () => {
  test("is an encrypted archive, and a manifest that describes it", async () => {
    const manifest = await backUp();
    const data = readFileSync(at(dataName(manifest.name)));
    expect(data.subarray(0, 21).toString()).toBe("age-encryption.org/v1");
    expect(data.includes("PGDMP")).toBe(false);
    expect(parseManifest(readFileSync(at(manifestName(manifest.name)), "utf8"))).toEqual(manifest);
    expect(manifest).toMatchObject({
      name: expect.stringMatching(/^app-\d{8}T\d{6}Z-dump$/) as string,
      stack: "test",
      database: "app",
      kind: "dump",
      tier: "logical",
      size: data.length,
      sha256: createHash("sha256").update(data).digest("hex"),
      recipient: expect.stringMatching(/^age1/) as string,
      creation: { owner: "app_owner", encoding: "UTF8", collate: "C", ctype: "C", provider: "libc", locale: null },
    });
    const [server] = await postgres
      .sql<{ version: string }>("postgres", "SHOW server_version")
      .then((rows) => rows.map((row) => ({ version: Object.values(row)[0] ?? "" })));
    expect(manifest.serverVersion).toBe(server!.version);
    expect(manifest.tools.pg_dump).toMatch(/^\d+/);
    const [order] = await postgres.sql<{ fine: boolean }>(
      "postgres",
      `SELECT '${manifest.startLsn}'::pg_lsn <= '${manifest.endLsn}' AND '${manifest.endLsn}' <= pg_current_wal_lsn() AS fine`,
    );
    expect(order!.fine).toBe(true);
    expect(manifest.endedAt >= manifest.startedAt).toBe(true);
  });

  test("of the schema alone is smaller, and has another name", async () => {
    const [dump, schema] = [await backUp(), await backUp(logical.job, { kind: "schema", tier: "schema" })];
    expect(schema.name).toMatch(/-schema$/);
    expect(schema.size).toBeLessThan(dump.size / 10);
  });

  test("is taken with the superuser's own settings, whatever the database's owner has set", async () => {
    await postgres.sql("app", "CREATE TABLE superusers (a int)");
    const settings = ["role = app_owner", "search_path = nowhere", "default_transaction_read_only = on"];
    for (const setting of settings) await postgres.sql("postgres", `ALTER DATABASE app SET ${setting}`);
    // Control: a session with the owner's settings does not get that far.
    await expect(postgres.sql("app", "SELECT FROM public.superusers")).rejects.toThrow("permission denied");
    await expect(backUp()).resolves.toMatchObject({ database: "app" });
    await postgres.sql("postgres", "ALTER DATABASE app RESET ALL");
  });

  test("gets a name of its own, also within a second, and is listed newest first", async () => {
    const made = [await backUp(), await backUp(), await backUp()].map(({ name }) => name);
    expect(new Set(made).size).toBe(3);
    const { backups, unusable } = await listLogically(logical.job);
    expect(backups.map(({ name }) => name)).toEqual(made.toReversed());
    expect(unusable).toEqual([]);
  });

  test("needs no private key on this machine", async () => {
    const { recipient } = await backUp();
    const { destination } = logical.job.logical;
    const job = { ...logical.job, logical: { destination, recipient } };
    await expect(backUp(job)).resolves.toMatchObject({ recipient });
    await expect(backUp({ ...job, logical: { destination } })).rejects.toThrow("need an age recipient or an identity");
  });

  test("of a database that is not there is refused", async () => {
    await expect(backUp(logical.job, { database: "none" })).rejects.toThrow(/^there is no database none$/);
    expect(logical.objects()).toEqual([]);
  });
});

describe("nothing is in the store, and the reason is reported, if", () => {
  test.each([
    ["pg_dump is killed half-way", '"$real" "$@" | head -c 100000; kill -9 $$', "pg_dump failed (SIGKILL)"],
    ["pg_dump fails after its last byte", '"$real" "$@"; echo "no more" >&2; exit 3', "pg_dump failed (3): no more"],
    ["pg_dump cannot be run", "exec /nowhere", "pg_dump failed (127)"],
  ])("%s", async (_title, script, reason) => {
    const version = '[ "$1" = --version ] && exec "$real" --version';
    await expect(backUp(withPrograms("pg_dump", `${version}\n${script}`))).rejects.toThrow(reason);
    expect(logical.objects()).toEqual([]);
  });

  test("pg_dump wrote no archive", async () => {
    await expect(backUp(withPrograms("pg_dump", "echo nonsense"))).rejects.toThrow(
      /pg_restore failed \(1\): .*not appear to be a valid archive/,
    );
    expect(logical.objects()).toEqual([]);
  });

  test("what is read back is not what was written", async () => {
    const { recipient } = await backUp();
    rmSync(logical.store, { recursive: true });
    // Its version is asked for between writing and reading back.
    const cut = `[ "$1" = --version ] && truncate -s -1 ${logical.store}/*.age`;
    const job = withPrograms("pg_dump", `${cut}\nexec "$real" "$@"`);
    await expect(backUp(job)).rejects.toThrow(/dump\.age cannot be decrypted/);
    expect(logical.objects()).toEqual([]);
    const { destination } = job.logical;
    await expect(backUp({ ...job, logical: { destination, recipient } })).rejects.toThrow(/is damaged: \d+ bytes/);
    expect(logical.objects()).toEqual([]);
  });

  test("the store cannot be written to", async () => {
    writeFileSync(logical.store, "a file");
    await expect(backUp()).rejects.toThrow(/ENOTDIR|EEXIST/);
    expect(readFileSync(logical.store, "utf8")).toBe("a file");
  });

  test("it is interrupted; and no pg_dump stays", async () => {
    await holding("orders");
    const interrupt = new AbortController();
    const running = backUpLogically(logical.job, request(), listening(interrupt.signal));
    const failed = expect(running).rejects.toThrow("Ctrl-C");
    await until(waiting);
    interrupt.abort(new Error("Ctrl-C"));
    await failed;
    await until(async () => (await dumps()) === 0);
    await release();
    expect(logical.objects()).toEqual([]);
  });
});

test("killed, it leaves no backup and no pg_dump, and the next run completes", async () => {
  await holding("orders");
  const script = `require("./cli/dumps/take/backup").backUpLogically(...JSON.parse(process.argv[1]),
    { signal: new AbortController().signal, note() {}, progress() {} })`;
  const { socketDirectory, port } = postgres;
  const asked = JSON.stringify([logical.job, request({ server: { socketDirectory, port } })]);
  const child = spawn(process.execPath, [...typescript, "-e", script, asked], { cwd: checkout, stdio: "ignore" });
  const ended = once(child, "exit");
  const tooEarly = ended.then(() => Promise.reject(new Error("it ended before it could be killed")));
  await Promise.race([until(waiting), tooEarly]);
  tooEarly.catch(() => undefined);
  child.kill("SIGKILL");
  await ended;
  await until(async () => (await dumps()) === 0);
  await release();
  expect(logical.objects().filter((name) => !name.endsWith(".partial"))).toEqual([]);
  expect((await listLogically(logical.job)).backups).toEqual([]);
  const { name } = await backUp();
  expect((await listLogically(logical.job)).backups.map((one) => one.name)).toEqual([name]);
});

describe("retention", () => {
  /** An old backup, made from a new one. */
  function aged(manifest: Manifest, days: number, parts: Partial<Manifest> = {}): string {
    const startedAt = new Date(Date.now() - days * 24 * 3_600_000);
    const { database, kind } = { ...manifest, ...parts };
    const name = formatName({ database, kind, startedAt });
    const times = { startedAt: startedAt.toISOString(), endedAt: startedAt.toISOString() };
    writeFileSync(at(dataName(name)), readFileSync(at(dataName(manifest.name))));
    writeFileSync(at(manifestName(name)), formatManifest({ ...manifest, ...times, ...parts, name }));
    return name;
  }

  test("removes what expired, once there is a new one; and what runs have left unfinished", async () => {
    const first = await backUp();
    const [expired, young] = [aged(first, 31), aged(first, 29)];
    const other = aged(first, 31, { database: "other" });
    const unfinished = dataName(formatName({ database: "app", kind: "dump", startedAt: new Date(0) }));
    for (const file of [unfinished, "notes.age"]) {
      writeFileSync(at(file), "half");
      utimesSync(at(file), 0, 0);
    }
    const heard = listening();
    const second = await backUpLogically(logical.job, request(), heard);
    const { backups } = await listLogically(logical.job);
    expect(backups.map(({ name }) => name)).toEqual([second.name, first.name, young, other]);
    expect(logical.objects()).toHaveLength(9);
    expect(logical.objects()).toContain("notes.age");
    expect(heard.said).toEqual(expect.arrayContaining([`removed ${expired}`, `removed ${unfinished}`]));
  });

  test("removes nothing where the new backup failed", async () => {
    const first = await backUp();
    const expired = aged(first, 31);
    await expect(backUp(withPrograms("pg_dump", "exit 1"))).rejects.toThrow("pg_dump failed");
    expect(existsSync(at(dataName(expired)))).toBe(true);
  });
});

describe("the list", () => {
  test("tells backups from what only looks like one, and why", async () => {
    const [whole, cut, gone, broken, foreign] = [
      await backUp(),
      await backUp(),
      await backUp(),
      await backUp(),
      await backUp(),
    ].map(({ name }) => name);
    writeFileSync(at(dataName(cut!)), readFileSync(at(dataName(cut!))).subarray(1));
    rmSync(at(dataName(gone!)));
    writeFileSync(at(manifestName(broken!)), '{"format":');
    writeFileSync(at(manifestName(foreign!)), readFileSync(at(manifestName(whole!))));
    const { backups, unusable } = await listLogically(logical.job);
    expect(backups.map(({ name }) => name)).toEqual([whole]);
    expect(Object.fromEntries(unusable.map(({ name, reason }) => [name, reason]))).toEqual({
      [cut!]: expect.stringMatching(/^only \d+ of \d+ bytes are there$/) as string,
      [gone!]: "its data is missing",
      [broken!]: expect.stringMatching(/^its manifest cannot be read: /) as string,
      [foreign!]: `its manifest cannot be read: its manifest is that of ${whole!}`,
    });
  });
});
