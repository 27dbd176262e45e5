import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { Watched } from "../../../../contracts/guard";
import { guardServers } from "../../../../cli/guard/guard";
import { childrenOf, markOf, postmasterOf } from "../../../../cli/guard/processes";
import { GuardedPostgres } from "../../../../cli/guard/servers";
import { waitFor } from "../../../../lib/retry";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";

/** Milliseconds that anything here may take; only a bound. */
const queryTimeout = 30_000;
const timing = { pause: 0.2, timeout: 1, tries: 3 };

let server: ThrowawayPostgres;
const sessions: Client[] = [];
const guards: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startPostgres(["max_connections=20"]);
  await server.sql("postgres", "CREATE ROLE reports LOGIN");
  await server.sql("postgres", "CREATE DATABASE app");
}, 60_000);

afterEach(async () => {
  for (const end of guards.splice(0)) await end();
  for (const one of sessions.splice(0)) one.connection.stream.destroy();
  const pid = postmasterOf(server.dataDirectory);
  if (pid !== undefined) process.kill(pid, "SIGCONT");
  await server.stop();
});

/** A session of an application; what ends it is part of the test. */
async function session(user = "reports"): Promise<Client> {
  const client = new Client({
    host: server.host,
    port: server.port,
    user,
    database: user === "postgres" ? user : "app",
  });
  client.on("error", () => undefined);
  await client.connect();
  sessions.push(client);
  return client;
}

/** Starts a guard; returns what it has said so far. */
function guard(watched: Partial<Extract<Watched, { kind: "postgres" }>> = {}): () => string {
  const stop = new AbortController();
  let reply = "";
  const { socketDirectory, port, dataDirectory } = server;
  const watch: Watched[] = [{ kind: "postgres", socketDirectory, port, dataDirectory, ...watched }];
  const running = guardServers({ watch, timing }, (text) => (reply += `${text}\n`), stop.signal);
  guards.push(async () => {
    stop.abort();
    await running;
  });
  return () => reply;
}

const until = async (holds: () => boolean | Promise<boolean>, what: () => string): Promise<void> => {
  const met = await waitFor(async () => ((await holds()) ? true : undefined), { timeout: queryTimeout, interval: 50 });
  if (met === undefined) throw new Error(`not in time; the guard said:\n${what()}`);
};

/** True once somebody gets in. */
const letsIn = (): Promise<boolean> => session().then(() => true, () => false); // prettier-ignore

/** What a read-only login may do to every other: its locks outlive the statement that fails. */
const hoard = (client: Client): Promise<string> =>
  client.query("SELECT count(pg_advisory_lock(g)) FROM generate_series(1, 200000) g").then(
    () => "",
    (error: unknown) => (error as Error).message,
  );

/** True once the guard has its own session, without which it ends every client. */
const prepared = async (): Promise<boolean> => {
  const own = await server.sql("postgres", "SELECT FROM pg_stat_activity WHERE application_name = 'howdah guard' AND state = 'idle'"); // prettier-ignore
  return own.length > 0;
};

test("of a full table of locks the session that fills it is ended, and no other", async () => {
  const reply = guard();
  const bystander = await session();
  await until(prepared, reply);
  const culprit = await session();
  expect(await hoard(culprit)).toContain("out of shared memory");
  await until(letsIn, reply);
  expect((await bystander.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  await expect(culprit.query("SELECT 1")).rejects.toThrow();
  expect(reply()).toContain("rejects all logins (3): out of shared memory");
  expect(reply()).toMatch(
    /terminated the sessions with the most locks: \d+ \(reports app 127\.0\.0\.1\(\d+\) \S.*\) with \d{4}/,
  );
}, 90_000);

test("a guard that comes too late for a session of its own ends those of all clients", async () => {
  const culprit = await session();
  expect(await hoard(culprit)).toContain("out of shared memory");
  const reply = guard();
  await until(letsIn, reply);
  expect(reply()).toContain("terminated all");
}, 90_000);

test("without a guard the table stays full (control)", async () => {
  await hoard(await session());
  for (let tries = 0; tries < 20; tries++) {
    await expect(session()).rejects.toThrow("out of shared memory");
    await sleep(100);
  }
}, 60_000);

test("the guard's session still tells who holds the locks after its caches were thrown away", async () => {
  const reply = guard();
  await until(prepared, reply);
  // More invalidations than the queue of one session holds: it drops everything that it knows of the catalogue.
  await server.sql("postgres", "DO $$ BEGIN FOR i IN 1..1500 LOOP EXECUTE format('CREATE TABLE t%s (a int, b int)', i); EXECUTE format('DROP TABLE t%s', i); COMMIT; END LOOP; END $$"); // prettier-ignore
  const culprit = await session();
  await hoard(culprit);
  await until(letsIn, reply);
  expect(reply()).toContain("terminated the sessions with the most locks");
}, 90_000);

test("a hung postmaster is killed with its children, which would go on serving", async () => {
  const reply = guard();
  await session();
  const pid = postmasterOf(server.dataDirectory)!;
  const children = childrenOf(pid);
  expect(children.length).toBeGreaterThan(3);
  await until(prepared, reply);
  process.kill(pid, "SIGSTOP");
  await until(() => markOf(pid) === undefined && children.every((child) => markOf(child) === undefined), reply);
  expect(reply()).toContain("hangs: killed the postmaster and its children");
}, 90_000);

test("a server without a connection left is not touched", async () => {
  const reply = guard();
  await until(prepared, reply);
  const pid = postmasterOf(server.dataDirectory);
  const taken = async (): Promise<boolean> => session("postgres").then(() => false, (error: unknown) => (error as Error).message.includes("too many clients")); // prettier-ignore
  await until(taken, reply);
  // Longer than it takes to end a server.
  await sleep(3000);
  expect(postmasterOf(server.dataDirectory)).toBe(pid);
  expect((await sessions[0]!.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  expect(reply()).not.toMatch(/killed|ended/);
}, 60_000);

test("a check that fails is reported, and the next ones follow", async () => {
  const find = jest.spyOn(GuardedPostgres.prototype, "find").mockImplementationOnce(() => {
    throw new Error("kill EPERM");
  });
  try {
    const reply = guard();
    await until(prepared, reply);
    expect(reply()).toContain("the check of PostgreSQL failed: kill EPERM");
  } finally {
    find.mockRestore();
  }
}, 60_000);

test("another's process that a stale file names is never touched", async () => {
  const pid = postmasterOf(server.dataDirectory)!;
  process.kill(pid, "SIGSTOP");
  // The data of another cluster, whose file names a process that is none of its own.
  const other = mkdtempSync(join(tmpdir(), "guard-"));
  writeFileSync(join(other, "postmaster.pid"), `${pid}\n${other}\n1700000000\n`);
  try {
    const reply = guard({ dataDirectory: other });
    await sleep(4000);
    expect(markOf(pid)).toBeDefined();
    expect(reply().trim()).toBe("watching PostgreSQL");
  } finally {
    rmSync(other, { recursive: true });
  }
}, 60_000);
