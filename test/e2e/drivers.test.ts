import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, createServer, type Server } from "node:net";
import type { DriverResult, LoadResult, Results } from "../../dev/drivers/results";
import { resultsFile, thisRun } from "../../dev/drivers/results";
import { buildFolder, checkout } from "../../lib/paths";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "../../lib/retry";
import { drivers, type Driver } from "../support/drivers/drivers";
import type { LoadAnswer, SmokeAnswer } from "../support/drivers/contract";
import { holdTransactions } from "../support/drivers/hold";
import { type Command, installDrivers, type Language, missingFor } from "../support/drivers/install";
import { killPrograms, type Load, smoke, startLoad } from "../support/drivers/program";
import { endOf } from "../support/command-run";
import { typescript } from "../support/typescript";
import { commandLines } from "../support/stack/processes";
import { discard } from "../support/stack/discard";
import { leaderOf } from "../support/stack/members";
import { crash, rolesOf } from "../support/stack/nodes";
import { smallConfig, TestStack } from "../support/stack/stack";

/*
 * The drivers that programs use, with their defaults for prepared statements, through the transaction pooling of a real stack.
 * `npm run drivers` writes docs/drivers.md from what this test has seen.
 */

const base = smallConfig(8100);
const applications = {
  // More server connections than drivers: the test of the kill holds one for each.
  app: { access: "readwrite", pool: 12, overflow: 4 },
  reports: { access: "readonly", pool: 1, overflow: 1 },
  app_migrator: { access: "owner", pool: 1, overflow: 1 },
};
const postgres = { version: 15, replicas: 2, memory: "2 GB", cpus: 1 };
const stack = new TestStack("e2e-drivers", { ...base, postgres, databases: { app: { applications } } });

const reasons = new Map(drivers.map(({ name, language }) => [name, missingFor(language)]));
const present = drivers.filter(({ name }) => reasons.get(name) === undefined);
/** Those whose process survives a broken connection. */
const sturdy = present.filter(({ fragile }) => fragile === undefined);
const absent = drivers.filter(({ name }) => reasons.get(name) !== undefined);
const commands = new Map<Language, Command>();
const commandOf = ({ language, program }: Driver): readonly string[] => commands.get(language)?.(program) ?? [];

/** Seconds that anything here may take; only a bound, no figure of the product. */
const patience = 90;

const seen: Record<string, DriverResult> = {};

/** Passes connections on to the pooler, from an address that its certificate does not have. */
let passage: Server;

async function openPassage(port: number): Promise<number> {
  passage = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    const end = (): void => void [client, server].map((socket) => socket.destroy());
    client.on("error", end).on("close", end).pipe(server);
    server.on("error", end).on("close", end).pipe(client);
  });
  await new Promise<void>((resolve) => passage.listen(0, "127.0.0.2", resolve));
  return (passage.address() as { port: number }).port;
}

const given = async () => {
  const { connections, settings } = await stack.outputs();
  return { url: connections["app"]?.readWrite ?? "", settings: settings["app"] ?? {} };
};

async function smokeAll(): Promise<Map<string, SmokeAnswer | Error>> {
  const { url, settings } = await given();
  const other = new URL(url);
  other.hostname = "127.0.0.2";
  other.port = String(await openPassage(Number(other.port)));
  const common = { mode: "smoke" as const, run: "smoke", url, settings, otherAddressUrl: other.toString() };
  const foreignCa = stack.path("tls", "peers-ca.crt");
  const answers = new Map<string, SmokeAnswer | Error>();
  // One after the other: a LISTEN stays with its server connection, where a notification makes a query of sqlx fail.
  for (const driver of present) {
    const answer = smoke(commandOf(driver), { ...common, driver: driver.name, foreignCa });
    answers.set(driver.name, await answer.catch((error: unknown) => error as Error));
  }
  return answers;
}

interface Loads {
  readonly run: string;
  readonly loads: ReadonlyMap<string, Load>;
}

async function startLoads(run: string, which: readonly Driver[]): Promise<Loads> {
  const { url, settings } = await given();
  const input = { mode: "load" as const, run, url, settings, pause: 250 };
  const start = (driver: Driver): Load =>
    startLoad(commandOf(driver), { ...input, driver: driver.name, workers: driver.workers });
  return { run, loads: new Map(which.map((driver) => [driver.name, start(driver)])) };
}

/** Rows of a run, by driver and worker. */
async function rowsOf(run: string): Promise<{ driver: string; worker: number; rows: number; next: number }[]> {
  const sql = `SELECT driver, worker, count(*)::int AS rows, max(n) + 1 AS next FROM driver_rows WHERE run = '${run}' GROUP BY 1, 2`;
  return (await stack.query("app_migrator", sql)) as Awaited<ReturnType<typeof rowsOf>>;
}

/** Waits until each worker of each driver has committed `rows` more rows than it had; fails with a program that ends. */
async function progress({ run, loads }: Loads, rows: number): Promise<void> {
  // While no server accepts writes, no other client gets an answer either.
  const ask = async () => {
    const found = await rowsOf(run).catch(() => undefined);
    return found && new Map(found.map(({ driver, worker, next }) => [`${driver} ${worker}`, next]));
  };
  const before = (await waitFor(ask, { timeout: patience * 1000 })) ?? new Map<string, number>();
  const workers = drivers
    .filter(({ name }) => loads.has(name))
    .flatMap(({ name, workers: count }) => Array.from({ length: count }, (_, worker) => `${name} ${worker}`));
  let missing = workers;
  const arrived = async (): Promise<true | undefined> => {
    const now = (await ask()) ?? new Map<string, number>();
    missing = workers.filter((key) => (now.get(key) ?? 0) < (before.get(key) ?? 0) + rows);
    return missing.length === 0 ? true : undefined;
  };
  const early = Promise.race([...loads.values()].map((load) => load.ended)).then(() => {
    throw new Error("a program ended too early");
  });
  const done = await Promise.race([waitFor(arrived, { timeout: patience * 1000 }), early]);
  if (done === undefined) throw new Error(`no ${rows} more rows in ${patience} s from ${missing.join(", ")}`);
}

async function stopLoads({ loads }: Loads): Promise<Map<string, LoadAnswer>> {
  const answers = [...loads].map(async ([name, load]): Promise<[string, LoadAnswer]> => [name, await load.stop()]);
  return new Map(await Promise.all(answers));
}

const resultOf = ({ acknowledged, retried, failed, errors }: LoadAnswer): LoadResult => ({
  committed: acknowledged.reduce((sum, rows) => sum + rows, 0),
  retried,
  failed,
  errors,
});

function record(event: "switchover" | "kill", answers: ReadonlyMap<string, LoadAnswer>): void {
  for (const [name, answer] of answers) {
    const result = seen[name];
    if (result !== undefined) seen[name] = { ...result, [event]: resultOf(answer) };
  }
}

/** Acknowledged rows that are not there, as "driver worker: rows". */
async function lostRows(run: string, answers: ReadonlyMap<string, LoadAnswer>): Promise<string[]> {
  const there = new Map((await rowsOf(run)).map((row) => [`${row.driver} ${row.worker}`, row]));
  return [...answers].flatMap(([name, { acknowledged }]) =>
    acknowledged.flatMap((count, worker) => {
      const { rows = 0, next = 0 } = there.get(`${name} ${worker}`) ?? {};
      // Without a gap. One more than acknowledged may be there: the last one, if its answer was lost.
      return rows === next && rows >= count ? [] : [`${name} ${worker}: ${rows} of ${count}`];
    }),
  );
}

const errorsOf = (answers: ReadonlyMap<string, LoadAnswer>): string[] =>
  [...answers].flatMap(([name, { errors }]) => Object.keys(errors).map((error) => `${name}: ${error}`));

async function expectUnharmed(run: string, answers: ReadonlyMap<string, LoadAnswer>): Promise<void> {
  const failed = [...answers].filter(([, answer]) => answer.failed > 0);
  expect(failed).toEqual([]);
  expect(errorsOf(answers).filter((error) => /prepared statement/i.test(error))).toEqual([]);
  expect(await lostRows(run, answers)).toEqual([]);
}

let smokes: Map<string, SmokeAnswer | Error>;

beforeAll(async () => {
  const install = async (): Promise<void> => {
    for (const language of new Set(present.map((driver) => driver.language)))
      commands.set(language, await installDrivers(language));
  };
  await Promise.all([stack.up(), install()]);
  const key = "PRIMARY KEY (run, driver, worker, n)";
  await stack.query("app_migrator", `CREATE TABLE app.driver_rows (run text, driver text, worker int, n int, ${key})`);
  await stack.query("app_migrator", "CREATE TABLE app.driver_copies (run text, driver text, n int)");
  smokes = await smokeAll();
  for (const { name, fragile } of present) {
    const answer = smokes.get(name);
    if (answer === undefined || answer instanceof Error) continue;
    const { version, ...checks } = answer;
    seen[name] = { version, smoke: { ...checks }, ...(fragile === undefined ? {} : { kill: fragile }) };
  }
  // A first run has everything to download and to compile.
}, 1_800_000);

afterAll(async () => {
  killPrograms();
  // Undefined if the stack did not come up.
  (passage as Server | undefined)?.close();
  mkdirSync(buildFolder, { recursive: true });
  const skipped = Object.fromEntries(absent.map(({ name }) => [name, reasons.get(name) ?? ""]));
  const results: Results = { ...thisRun(), drivers: seen, skipped };
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`);
  await discard(stack);
}, 300_000);

describe("through transaction pooling", () => {
  for (const { name, prepares = true } of present)
    test(`${name} verifies the server, ${prepares ? "reuses" : "has no"} prepared statements, and has transactions, errors, cancels and COPY`, () => {
      const answer = smokes.get(name);
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error("no answer");
      const { version, listen, advisoryLock, ...checks } = answer;
      expect(version).toMatch(/^\d+\.\d/);
      expect(Object.entries(checks).filter(([, holds]) => holds !== true && holds !== null)).toEqual([]);
      expect(checks).toMatchObject({ prepared: prepares || null, transaction: true, recovery: true, verified: true });
      // What it cannot have here is recorded, and no error either.
      expect([listen, advisoryLock].filter((each) => typeof each === "string")).toEqual([]);
    });
  for (const { name } of absent) test.skip(`${name}: ${reasons.get(name) ?? ""}`, () => undefined);
});

test("howdah connect opens psql as the application, and no command line has its password", async () => {
  const words = [
    ...typescript,
    join(checkout, "cli", "main.ts"),
    "--stack",
    stack.name,
    "connect",
    "app",
    "--read-only",
  ];
  const env = { ...process.env, ...stack.environment() };
  const child = spawn(process.execPath, words, { cwd: checkout, env, stdio: ["pipe", "pipe", "pipe"] });
  const ended = endOf(child);
  child.stdin.on("error", () => undefined);
  child.stdin.write("SELECT 'as ' || current_user;\n");
  const psql = async (): Promise<string | undefined> =>
    Promise.resolve(commandLines().find((line) => /psql service=app-read-only$/.test(line)));
  const open = await waitFor(psql, { timeout: patience * 1000 });
  const all = commandLines();
  child.stdin.end();
  expect(await ended).toMatchObject({ code: 0, stdout: expect.stringContaining("as app") as string });
  expect(open).toBeDefined();
  const { connections } = await stack.outputs();
  const password = new URL(connections["app"]?.readOnly ?? "").password;
  expect(password.length).toBeGreaterThan(10);
  expect(all.filter((line) => line.includes(password))).toEqual([]);
}, 120_000);

test("a planned switchover fails no transaction of any driver, and loses none", async () => {
  await rolesOf(stack);
  const loads = await startLoads("switchover", present);
  await progress(loads, 8);
  stack.config = { ...stack.config, postgres: { ...postgres, parameters: { max_connections: 90 } } };
  const run = await stack.up();
  expect(run.output).toContain("switchover from");
  await progress(loads, 8);
  const answers = await stopLoads(loads);
  record("switchover", answers);
  await expectUnharmed("switchover", answers);
}, 600_000);

test("after kill -9 of the primary's postmaster no driver has a transaction that fails at every attempt, and none is lost", async () => {
  const { primary } = await rolesOf(stack);
  const loads = await startLoads("kill", sturdy);
  await progress(loads, 8);
  const names = [...loads.loads.keys()];
  const session = await stack.client("app_migrator", "direct");
  const holder = await holdTransactions({ session, run: loads.run, drivers: names, timeout: patience * 1000 });
  crash(primary);
  await stack.awaitMembers((view) => ![undefined, primary.name].includes(leaderOf(view)?.name), patience);
  await progress(loads, 8);
  const answers = await stopLoads(loads);
  record("kill", answers);
  await holder.end();
  await expectUnharmed("kill", answers);
  // Each one had a transaction on the server that was killed, and has met its end.
  expect([...answers].filter(([, { retried }]) => retried === 0).map(([name]) => name)).toEqual([]);
}, 600_000);

const controlled = present.filter(({ name }) => name === "asyncpg");

(controlled.length === 0 ? test.skip : test)(
  "without max_prepared_statements asyncpg fails with errors of prepared statements (control)",
  async () => {
    await rolesOf(stack);
    stack.config = { ...stack.config, pooler: { parameters: { max_prepared_statements: 0 } } };
    await stack.up();
    expect((await given()).settings).toMatchObject({ preparedStatements: false });
    const loads = await startLoads("control", controlled);
    await sleep(5000);
    const answers = await stopLoads(loads);
    expect(answers.get("asyncpg")?.failed).toBeGreaterThan(0);
    expect(errorsOf(answers).join("\n")).toMatch(/prepared statement .* (does not exist|already exists)/);
  },
  180_000,
);
