import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { host } from "../../../../../providers/host/host";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { PluginStage } from "../../../../support/plugins/stage";

const stage = new PluginStage(host);
let postgres: ThrowawayPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const servers = () => [{ socketDirectory: postgres.socketDirectory, port: postgres.port }];
const inputsOf = (news: Record<string, unknown> = {}) => ({
  servers: servers(),
  database: "postgres",
  apply: "CREATE TABLE IF NOT EXISTS public.made (n integer);",
  revert: "DROP TABLE IF EXISTS public.made;",
  probe: "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('public.made') AND attnum > 0",
  ...news,
});
const isMade = async (): Promise<boolean> =>
  (await postgres.sql("postgres", "SELECT to_regclass('public.made') AS made"))[0]?.["made"] !== null;

test("it applies, sees an alteration as drift, applies again, and takes back", async () => {
  const made = await stage.create("Script", inputsOf());
  expect(made.id).toBe("postgres/test");
  expect(await isMade()).toBe(true);
  expect(await stage.diff((await stage.refresh(made))!, inputsOf())).toEqual([]);

  await postgres.sql("postgres", "DROP TABLE public.made");
  const altered = (await stage.refresh(made))!;
  expect(await stage.diff(altered, inputsOf())).toEqual([{ property: "actual", kind: "update", drift: true }]);
  const repaired = await stage.update(altered, inputsOf());
  expect(await isMade()).toBe(true);
  expect(await stage.diff((await stage.refresh(repaired))!, inputsOf())).toEqual([]);

  await stage.delete(repaired);
  expect(await isMade()).toBe(false);
});

test("a probe that fails is drift, and says nothing of why", async () => {
  const made = await stage.create("Script", inputsOf({ probe: "SELECT count(*) FROM public.made" }));
  await postgres.sql("postgres", "DROP TABLE public.made");
  expect((await stage.refresh(made))?.state["actual"]).toBe("gone");
});

test("a database that was dropped is drift: it may come back without what the script made", async () => {
  await postgres.sql("postgres", "CREATE DATABASE once");
  const made = await stage.create("Script", inputsOf({ database: "once" }));
  await postgres.sql("postgres", "DROP DATABASE once");
  expect((await stage.refresh(made))?.state["actual"]).toBe("gone");
  await stage.delete(made);
});

/** Sessions that the server has had; this one is none of them. */
const sessions = async (): Promise<number> =>
  Number((await postgres.sql("postgres", "SELECT sum(sessions) AS n FROM pg_stat_database"))[0]?.["n"]);

// PostgreSQL 14 counts sessions in its statistics collector, some time after they began.
const counting = /postgres-14\b/.test(process.env["HOWDAH_TEST_POSTGRES"] ?? "") ? test.skip : test;

counting("a look that has an answer takes one session, also if the primary is not the first server", async () => {
  const down = { socketDirectory: postgres.socketDirectory, port: 1 };
  const made = await stage.create("Script", inputsOf({ servers: [down, ...servers()] }));
  const before = await sessions();
  const idle = (await sessions()) - before;
  const start = await sessions();
  expect(await stage.refresh(made)).toEqual(made);
  expect((await sessions()) - start).toBe(idle + 1);
});

test("a server that goes away under the probe is no drift", async () => {
  const made = await stage.create("Script", inputsOf());
  const lost = { ...made, state: { ...made.state, probe: "SELECT pg_terminate_backend(pg_backend_pid())" } };
  expect(await stage.refresh(lost)).toEqual(lost);
});

describe("a database that refuses sessions", () => {
  beforeEach(() => postgres.sql("postgres", `CREATE DATABASE "it's"`));
  afterEach(async () => {
    stage.said.warnings.length = 0;
    await postgres.sql("postgres", `DROP DATABASE IF EXISTS "it's"`);
  });

  test.each([
    {
      why: "its owner has closed it",
      change: "ALLOW_CONNECTIONS false",
      reason: "not currently accepting",
      mend: "ALLOW_CONNECTIONS true",
    },
    {
      why: "of a library that is not there",
      change: "SET session_preload_libraries = 'missing'",
      reason: 'could not access file "missing"',
      mend: "RESET session_preload_libraries",
    },
  ])("because $why is drift, with a warning that mends it", async ({ change, reason, mend }) => {
    const news = inputsOf({ database: "it's" });
    const made = await stage.create("Script", news);
    await postgres.sql("postgres", `ALTER DATABASE "it's" ${change}`);
    const refused = (await stage.refresh(made))!;
    expect(refused.state["actual"]).toBe("unreadable");
    expect(await stage.diff(refused, news)).toEqual([{ property: "actual", kind: "update", drift: true }]);
    const [warning = "", ...more] = stage.said.warnings;
    expect(more).toEqual([]);
    expect(warning).toContain("database it's rejects connections");
    expect(warning).toMatch(new RegExp(`FATAL: +.*${reason}`));
    expect(warning).toContain(mend);
    await expect(stage.update(refused, news)).rejects.toThrow(reason);

    const [, command = ""] = warning.split("as the service user: ");
    await promisify(execFile)("sh", ["-c", command]);
    const open = (await stage.refresh(refused))!;
    expect(await stage.diff(open, news)).toEqual([]);
  });
});

test("changed SQL is applied again, another database replaces; other members change nothing", async () => {
  const made = await stage.create("Script", inputsOf());
  const changes = async (news: Record<string, unknown>) => stage.diff(made, inputsOf(news));
  expect(await changes({ apply: "SELECT 1" })).toEqual([{ property: "apply", kind: "update" }]);
  expect(await changes({ database: "template1" })).toEqual([{ property: "database", kind: "replace" }]);
  expect(await changes({ servers: [...servers(), { socketDirectory: "/run", port: 1 }] })).toEqual([]);
});

test("a broken script is PostgreSQL's error", async () => {
  await expect(stage.create("Script", inputsOf({ apply: "CREATE TABEL x ()" }))).rejects.toThrow(
    'syntax error at or near "TABEL"',
  );
});

test("while the cluster is down nothing is drift, and what is to go, goes with a warning", async () => {
  const made = await stage.create("Script", inputsOf());
  const down = { ...made, state: { ...made.state, servers: [{ socketDirectory: "/nowhere", port: 1 }] } };
  expect(await stage.refresh(down)).toEqual(down);
  await stage.delete(down);
  expect(stage.said.warnings).toEqual(["no primary: nothing to undo"]);
  expect(await isMade()).toBe(true);
});
