import { appendFileSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logging as serverDefaults } from "../../../../components/postgres/parameters/defaults";
import { logs } from "../../../../cli/metrics/sets/services";

let folder: string;
const log = (name: string): string => join(folder, "log", name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "howdah-logs-"));
  mkdirSync(join(folder, "log"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A line as PostgreSQL writes it (`log_line_prefix`). */
const line = (code: string, message: string, { db = "app", app = "x" } = {}): string =>
  `2026-12-01 00:00:00.123 UTC [7]: [1-1] ${code} db=${db},user=app,app=${app},client=127.0.0.1 ${message}\n`;
const words = "ERROR:  canceling statement due to statement timeout";
const timeout = line("57014", words);
const rejected =
  "2026-12-01 00:00:00.123 UTC [9] WARNING C-0x1: app/app@127.0.0.1:1 pooler error: SASL authentication failed\n";
const refused = line("28P01", 'FATAL:  password authentication failed for user "app"');

/** Collects as the collector does; only what the set reads of a job. */
function collection(): (event: string) => Promise<Record<string, number>> {
  const servers = [{ name: "node1", service: "patroni-node1" }];
  const collect = logs.start({ supervisor: join(folder, "supervisor"), servers });
  return async (event) => {
    const samples = ((await collect()).howdah_log_events_total ?? []) as readonly (readonly [
      Record<"event" | "service", string>,
      number,
    ])[];
    return Object.fromEntries(
      samples.filter(([labels]) => labels.event === event).map(([labels, value]) => [labels.service, value]),
    );
  };
}

test("PostgreSQL's own files are read, from where the collector began, and another day's from its start", async () => {
  writeFileSync(log("postgresql-node1-Mon.log"), timeout);
  const counted = collection();
  expect((await counted("statement timeout"))["patroni-node1"]).toBe(0);
  appendFileSync(log("postgresql-node1-Mon.log"), timeout.repeat(2));
  expect((await counted("statement timeout"))["patroni-node1"]).toBe(2);
  writeFileSync(log("postgresql-node1-Tue.log"), timeout);
  expect((await counted("statement timeout"))["patroni-node1"]).toBe(3);
  // A week later its file begins again.
  writeFileSync(log("postgresql-node1-Mon.log"), timeout);
  expect((await counted("statement timeout"))["patroni-node1"]).toBe(4);
});

test("the pooler's and Patroni's are read as well, each under its service; another server's are not", async () => {
  const counted = collection();
  await counted("authentication failure");
  for (const name of ["patroni-node1.log", "postgresql-node10-Mon.log"]) writeFileSync(log(name), refused);
  writeFileSync(log("pgbouncer.log"), rejected);
  expect(await counted("authentication failure")).toEqual({ pgbouncer: 1, "patroni-node1": 1 });
});

test("a login that PgBouncer refuses is one failure, and no error of the pooler; another error is one", async () => {
  const counted = collection();
  await counted("pooler error");
  const client = "2026-12-01 01:56:36.044 UTC [28911]";
  const at = "C-0x560f72147270: app/app@127.0.0.1:43134";
  const lines = [
    `LOG ${at} no such user: app`,
    `ERROR ${at} password authentication failed`,
    `LOG ${at} closing because: SASL authentication failed (age=0s)`,
    `WARNING ${at} pooler error: SASL authentication failed`,
    `LOG ${at} closing because: query_wait_timeout (age=30s)`,
    `WARNING ${at} pooler error: query_wait_timeout`,
  ];
  writeFileSync(log("pgbouncer.log"), lines.map((line) => `${client} ${line}\n`).join(""));
  expect((await counted("authentication failure"))["pgbouncer"]).toBe(1);
  expect((await counted("pooler error"))["pgbouncer"]).toBe(1);
});

test("a line that is being written counts once, when it is whole", async () => {
  const counted = collection();
  await counted("authentication failure");
  writeFileSync(log("patroni-node1.log"), refused.slice(0, 90));
  expect((await counted("authentication failure"))["patroni-node1"]).toBe(0);
  appendFileSync(log("patroni-node1.log"), refused.slice(90));
  expect((await counted("authentication failure"))["patroni-node1"]).toBe(1);
});

test("bytes that are no text shift nothing: no line is counted twice, and none is left out", async () => {
  const counted = collection();
  await counted("authentication failure");
  for (let turn = 1; turn <= 5; turn++) {
    appendFileSync(log("patroni-node1.log"), Buffer.concat([Buffer.alloc(400, 0xff), Buffer.from(`\n${refused}`)]));
    expect((await counted("authentication failure"))["patroni-node1"]).toBe(turn);
  }
});

test("the prefix of the servers' lines is the one that is read", () => {
  const prefix = serverDefaults["log_line_prefix"];
  expect(prefix).toBe("%m [%p]: [%l-1] %e db=%d,user=%u,app=%a,client=%h ");
});

test("statements, messages and names that say the same are no events", async () => {
  const counted = collection();
  await counted("statement timeout");
  const lines = [
    line("00000", `LOG:  duration: 1234 ms  statement: SELECT ' ${words}'`),
    `\t ${words}\n`,
    line("42P01", `ERROR:  relation " ${words}" does not exist`),
    line("42P01", `STATEMENT:  SELECT ' ${words}'`),
    line("00000", "LOG:  connection received", { app: ` ${words}` }),
  ];
  writeFileSync(log("postgresql-node1-Mon.log"), lines.join(""));
  expect((await counted("statement timeout"))["patroni-node1"]).toBe(0);
});

test("a name that looks like a message hides no failed login, and what an application logs is no error of the pooler", async () => {
  const counted = collection();
  await counted("authentication failure");
  const failed = "FATAL:  password authentication failed";
  const hidden = ["a LOG:  b", "x STATEMENT:  y", "a FATAL:  b"].map((db) => line("28P01", failed, { db }));
  const raised = line("00000", "LOG:  C-0x1: app/app@127.0.0.1:1 pooler error: raised by a function");
  writeFileSync(log("postgresql-node1-Mon.log"), [...hidden, raised].join(""));
  expect((await counted("authentication failure"))["patroni-node1"]).toBe(3);
  expect((await counted("pooler error"))["patroni-node1"]).toBeUndefined();
});

test("a flood is read to its end at once, however long its lines are", async () => {
  const counted = collection();
  await counted("authentication failure");
  const flood = Array.from({ length: 5 }, () => `${"x".repeat(10 * 1024 * 1024)}\n`).join("");
  writeFileSync(log("postgresql-node1-Mon.log"), `${flood}${refused}`);
  expect((await counted("authentication failure"))["patroni-node1"]).toBe(1);
});

test("a line that is longer than what is read at a time does not stop the counting of what follows", async () => {
  const counted = collection();
  await counted("authentication failure");
  const statement = Buffer.alloc(17 * 1024 * 1024, "x");
  writeFileSync(log("postgresql-node1-Mon.log"), Buffer.concat([statement, Buffer.from(`\n${refused}`)]));
  expect((await counted("authentication failure"))["patroni-node1"]).toBe(1);
});
