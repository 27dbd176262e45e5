import { appendFileSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

const timeout =
  "2026-12-01 00:00:00 UTC [7]: [1-1] db=app,user=app,app=x,client=[local] ERROR:  canceling statement due to statement timeout\n";
const refused = '2026-12-01 00:00:00 UTC [7]: [1-1] db=,user= FATAL:  password authentication failed for user "app"\n';

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
  for (const name of ["pgbouncer.log", "patroni-node1.log", "postgresql-node10-Mon.log"])
    writeFileSync(log(name), refused);
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
  writeFileSync(log("pgbouncer.log"), refused.slice(0, 90));
  expect((await counted("authentication failure"))["pgbouncer"]).toBe(0);
  appendFileSync(log("pgbouncer.log"), refused.slice(90));
  expect((await counted("authentication failure"))["pgbouncer"]).toBe(1);
});

test("bytes that are no text shift nothing: no line is counted twice, and none is left out", async () => {
  const counted = collection();
  await counted("authentication failure");
  for (let turn = 1; turn <= 5; turn++) {
    appendFileSync(log("pgbouncer.log"), Buffer.concat([Buffer.alloc(400, 0xff), Buffer.from(`\n${refused}`)]));
    expect((await counted("authentication failure"))["pgbouncer"]).toBe(turn);
  }
});

test("a statement, its further lines and a message's words are no events", async () => {
  const counted = collection();
  await counted("statement timeout");
  const prefix = "2026-12-01 00:00:00 UTC [7]: [1-1] db=app,user=app,app=x,client=[local]";
  const words = "ERROR:  canceling statement due to statement timeout";
  const lines = [
    `${prefix} STATEMENT:  SELECT ' ${words}'`,
    `\t ${words}`,
    `${prefix} LOG:  duration: 1234 ms  statement: SELECT ' ${words}'`,
    `${prefix} ERROR:  relation " ${words}" does not exist`,
  ];
  writeFileSync(log("postgresql-node1-Mon.log"), lines.map((line) => `${line}\n`).join(""));
  expect((await counted("statement timeout"))["patroni-node1"]).toBe(0);
});

test("a line that is longer than what is read at a time does not stop the counting of what follows", async () => {
  const counted = collection();
  await counted("authentication failure");
  const statement = Buffer.alloc(17 * 1024 * 1024, "x");
  writeFileSync(log("postgresql-node1-Mon.log"), Buffer.concat([statement, Buffer.from(`\n${refused}`)]));
  await counted("authentication failure");
  expect((await counted("authentication failure"))["patroni-node1"]).toBe(1);
});
