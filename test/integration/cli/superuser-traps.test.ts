import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { LocalStackFile } from "../../../contracts/stack-file";
import { socketLogins, socketLoginsScript } from "../../../components/backup/socket-logins";
import { checkCatalog } from "../../../cli/drill/inspect";
import { digestTables, drawTables } from "../../../cli/drill/samples";
import { checkStructure } from "../../../cli/drill/structure";
import { backUpLogically } from "../../../cli/dumps/take/backup";
import { restoreLogically } from "../../../cli/dumps/restore/restore";
import { maintain } from "../../../cli/maintenance/maintain";
import type { Done } from "../../../cli/maintenance/task";
import { asLogin } from "../../../cli/session/sql";
import { dataFolder } from "../../support/servers/postgres/data-folder";
import { listening, type Logical, makeLogical } from "../../support/servers/backups/logical";
import { startPostgres, type ThrowawayPostgres } from "../../support/servers/postgres/throwaway-postgres";
import { bait, traps } from "../../support/servers/postgres/traps";

jest.setTimeout(240_000);

let postgres: ThrowawayPostgres;
let logical: Logical;
let mark: string;
let place: string;

const owner = (sql: string): Promise<unknown> =>
  postgres.sql("app", `SET ROLE app_owner; SET search_path = pg_catalog; ${sql}`);
beforeAll(async () => {
  postgres = await startPostgres();
  logical = await makeLogical(postgres);
  place = await dataFolder("traps");
  mkdirSync(join(place, "open"));
  chmodSync(place, 0o755);
  chmodSync(join(place, "open"), 0o777);
  mark = join(place, "open", "mark");
  await postgres.sql("postgres", "CREATE ROLE app_owner; CREATE ROLE howdah_backup");
  await postgres.sql("postgres", "CREATE DATABASE app OWNER app_owner");
  await postgres.sql("postgres", socketLoginsScript(["app"]));
  // An extension in a schema of the owner's, as it comes to be if the owner had asked for it.
  await postgres.sql("app", "CREATE SCHEMA app AUTHORIZATION app_owner; CREATE EXTENSION amcheck SCHEMA app");
  await owner(bait(mark));
  for (const { set } of traps) await owner(set);
  await owner("SELECT lo_from_bytea(4711, '\\x6162')");
});
afterAll(async () => {
  logical.remove();
  await postgres.stop();
  rmSync(place, { recursive: true, force: true });
});
beforeEach(async () => {
  rmSync(mark, { force: true });
  await owner("TRUNCATE app.trace");
});

/** Traps that a superuser's session has called: those that had his rights, and those that had the table owner's. */
async function sprung(database = "app"): Promise<string[]> {
  const rows = await postgres.sql<{ what: string }>(database, "SELECT DISTINCT what FROM app.trace WHERE super");
  const files = existsSync(mark) ? readFileSync(mark, "utf8").trim().split("\n") : [];
  return [...new Set([...rows.map(({ what }) => what), ...files])].sort();
}

test.each(traps)("control: a careless superuser springs $name", async ({ name, naive, restricted = false }) => {
  await postgres.sql("app", `SET search_path = ${name === "search_path" ? "app, pg_catalog" : "pg_catalog"}; ${naive}`);
  expect(await sprung()).toContain(name);
  expect(existsSync(mark)).toBe(!restricted);
});

test("a drill's samples call none, and read every table and row", async () => {
  const tables = await drawTables(postgres, ["app"]);
  const digests = await digestTables(postgres, tables);
  expect(tables.length).toBeGreaterThan(10);
  for (const digest of digests) expect(digest).toMatchObject({ rows: expect.any(Number) as number });
  const hidden = tables.findIndex(({ name }) => name === "app.policy_t");
  if (hidden >= 0) expect(digests[hidden]).toMatchObject({ rows: 1 });
  expect(await sprung()).toEqual([]);
});

test("a drill's look at definitions and structure calls none", async () => {
  const job = { ...logical.job, databases: ["app"] };
  await checkCatalog(job, asLogin(postgres, socketLogins.reader));
  await checkStructure(job, postgres, socketLogins.reader);
  expect(await sprung()).toEqual([]);
});

test("a drill's look at definitions reads names that the encoding set by the owner does not have", async () => {
  await owner('CREATE TABLE app."Жук" ()');
  await postgres.sql("postgres", "ALTER DATABASE app SET client_encoding = 'LATIN1'");
  try {
    const job = { ...logical.job, databases: ["app"] };
    await expect(checkCatalog(job, asLogin(postgres, socketLogins.reader))).resolves.toContain("1 database");
    await expect(checkStructure(job, postgres, socketLogins.reader)).resolves.toContain("every table");
  } finally {
    await postgres.sql("postgres", "ALTER DATABASE app RESET client_encoding");
    await owner('DROP TABLE app."Жук"');
  }
});

test.each([false, true])("maintenance (reindex: %s) does the work, and calls none as a superuser", async (reindex) => {
  const job = { databases: ["app"], servers: [{ port: postgres.port }], socketDirectory: postgres.socketDirectory };
  await postgres.sql(
    "app",
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid IN ('app.index_i'::regclass, 'app.constant_t_still_idx'::regclass)",
  );
  await owner(
    "INSERT INTO app.statistics_t SELECT generate_series(1, 5000); DELETE FROM app.statistics_t WHERE x % 2 = 0",
  );
  const request = { reindex, dryRun: false, limit: 60_000 };
  const [app] = await maintain(job as unknown as LocalStackFile, request, listening());
  const done = (app!.tasks as Done[]).filter(({ outcome }) => outcome === "done").map(({ name }) => name);
  expect(done).toEqual(expect.arrayContaining([reindex ? "app.index_i" : "app.statistics_t"]));
  expect(await sprung()).toEqual([]);
  const called = await postgres.sql("app", "SELECT FROM app.trace WHERE login = 'howdah_maintenance'");
  expect(called.length).toBeGreaterThan(0);
});

describe("a dump", () => {
  let name: string;
  const backUp = async (): Promise<string> => {
    const asked = { database: "app", kind: "dump", tier: "logical", server: postgres } as const;
    return (await backUpLogically(logical.job, asked, listening())).name;
  };
  beforeEach(async () => {
    name = await backUp();
    expect(await sprung()).toEqual([]);
  });
  afterEach(() => postgres.sql("postgres", "DROP DATABASE IF EXISTS copy WITH (FORCE)"));

  test("is taken, large object and hidden rows included, and restored, and neither calls any as a superuser", async () => {
    const context = listening();
    const confined = { folder: place, handOver: {} };
    await restoreLogically(logical.job, { name, into: "copy", server: postgres, confined }, context);
    expect(await sprung("copy")).toEqual([]);
    const [row] = await postgres.sql(
      "copy",
      `SELECT (SELECT count(*) FROM app.policy_t)::int AS hidden, (SELECT count(*) > 0 FROM app.generated_t) AS generated,
         convert_from(lo_get(4711), 'UTF8') AS large,
         (SELECT array_agg(DISTINCT pg_get_userbyid(relowner)) FROM pg_class WHERE relnamespace = 'app'::regnamespace)::text AS owners,
         (SELECT pg_get_userbyid(lomowner) FROM pg_largeobject_metadata)::text AS large_owner,
         (SELECT count(*) FROM pg_shdepend WHERE refobjid = 'howdah_restore'::regrole)::int AS left`,
    );
    expect(row).toEqual({
      hidden: 1,
      generated: true,
      large: "ab",
      owners: "{app_owner}",
      large_owner: "app_owner",
      left: 0,
    });
    const called = await postgres.sql("copy", "SELECT FROM app.trace WHERE login = 'howdah_restore'");
    expect(called.length).toBeGreaterThan(0);
  });

  test("control: restored as the superuser, it calls them with his rights", async () => {
    await restoreLogically(logical.job, { name, into: "copy", server: postgres }, listening());
    const called = await sprung("copy");
    expect(called).toEqual(expect.arrayContaining(["check", "domain", "generated_column", "partition_key"]));
    expect(readFileSync(mark, "utf8")).toContain("check");
  });

  test("whose code turns on its own login and database can fail, and leaves nothing that stops the next restore", async () => {
    const turns = [
      "COMMENT ON DATABASE howdah_restore IS NULL",
      "ALTER DATABASE howdah_restore CONNECTION LIMIT 0 IS_TEMPLATE true",
      "ALTER ROLE howdah_restore PASSWORD 'known'",
      "ALTER ROLE howdah_restore SET local_preload_libraries = 'missing'",
    ];
    const clean = `SELECT (SELECT rolpassword IS NULL FROM pg_authid WHERE rolname = 'howdah_restore') AS closed,
      (SELECT setconfig::text FROM pg_db_role_setting WHERE setrole = 'howdah_restore'::regrole) AS settings,
      (SELECT count(*) FROM pg_database WHERE datname = 'howdah_restore')::int AS scratch`;
    const [before] = await postgres.sql("postgres", clean);
    await owner(`CREATE FUNCTION app.turn(x int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        IF session_user = 'howdah_restore' THEN ${turns.map((sql) => `EXECUTE $sql$${sql}$sql$;`).join(" ")} END IF; RETURN true;
      END $$; CREATE TABLE app.turn_t (x int CHECK (app.turn(x))); INSERT INTO app.turn_t VALUES (1)`);
    const turned = await backUp().finally(() => owner("DROP TABLE app.turn_t; DROP FUNCTION app.turn"));
    const confined = { folder: place, handOver: {} };
    const restore = (which: string): Promise<unknown> =>
      restoreLogically(logical.job, { name: which, into: "copy", server: postgres, confined }, listening());
    await expect(restore(turned)).rejects.toThrow("too many connections");
    expect(await postgres.sql("postgres", clean)).toEqual([before]);
    await restore(name);
  });

  test("with an event trigger of a superuser's, whose function is the owner's, comes back without it, and says so", async () => {
    await owner(
      `CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM app.act('event_trigger'); END $$`,
    );
    await postgres.sql("app", "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION app.watch()");
    const watched = await backUp().finally(() =>
      postgres.sql("app", "DROP EVENT TRIGGER watch; DROP FUNCTION app.watch()"),
    );
    const context = listening();
    const confined = { folder: place, handOver: {} };
    await restoreLogically(logical.job, { name: watched, into: "copy", server: postgres, confined }, context);
    expect(await sprung("copy")).toEqual([]);
    expect(context.said.join("\n")).toMatch(/only a superuser can restore it: EVENT TRIGGER watch/);
  });
});
