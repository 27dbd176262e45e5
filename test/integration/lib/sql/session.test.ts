import { Client } from "pg";
import {
  guestScript,
  guestSettings,
  loginSettings,
  madeGuestSettings,
  pinnedProbe,
  knownNewer,
  pinSettings,
} from "../../../../components/postgres/access/logins/login-settings";
import { inSession } from "../../../../cli/session/sql";
import { psql } from "../../../../lib/sql/psql";
import { sessionSettings } from "../../../../lib/sql/session";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";

/** Another value for each setting, as a server, a database's owner or a login may have it. */
const others: Readonly<Record<string, string>> = {
  bytea_output: "escape",
  client_encoding: "SJIS",
  client_min_messages: "error",
  DateStyle: "German, DMY",
  default_tablespace: "pg_global",
  default_transaction_deferrable: "on",
  default_transaction_isolation: "serializable",
  default_transaction_read_only: "on",
  exit_on_error: "on",
  extra_float_digits: "0",
  idle_in_transaction_session_timeout: "1s",
  idle_session_timeout: "1min",
  IntervalStyle: "iso_8601",
  lock_timeout: "1s",
  quote_all_identifiers: "on",
  role: "owner",
  row_security: "off",
  search_path: "public",
  standard_conforming_strings: "off",
  statement_timeout: "1s",
  synchronous_commit: "off",
  temp_tablespaces: "pg_default",
  TimeZone: "Asia/Kathmandu",
  transform_null_equals: "on",
};

let postgres: ThrowawayPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.sql(
    "postgres",
    "CREATE ROLE owner; CREATE ROLE patroni SUPERUSER LOGIN; CREATE ROLE second SUPERUSER LOGIN",
  );
  await postgres.sql("postgres", "CREATE DATABASE app OWNER owner");
  const set = Object.entries(others).map(
    ([name, value]) => `ALTER DATABASE app SET ${name} = ${value.includes(",") ? value : `'${value}'`};`,
  );
  await postgres.sql("postgres", set.join("\n"));
  await postgres.sql("postgres", pinSettings("patroni"));
});
afterAll(() => postgres.stop());

const server = () => ({ socketDirectory: postgres.socketDirectory, port: postgres.port });
const names = Object.keys(sessionSettings);
const ask = (which: readonly string[]): string =>
  `SELECT ${which.map((name) => `current_setting('${name}') AS "${name}"`).join(", ")}`;

/** What a session of that login has, which says nothing when it connects. */
async function plainSession(user: string): Promise<Record<string, string>> {
  const client = new Client({ host: postgres.socketDirectory, port: postgres.port, user, database: "app" });
  await client.connect();
  const { rows } = await client.query<Record<string, string>>(ask(names));
  await client.end();
  return rows[0] ?? {};
}

/** As a server shows it. */
const shown: Readonly<Record<string, string>> = { ...sessionSettings, DateStyle: "ISO, MDY" };

test("the commands' sessions have their own settings, whatever the database has", async () => {
  const found = await inSession(server(), async (client) => (await client.query(ask(names))).rows[0] as unknown, "app");
  expect(found).toEqual(shown);
});

test("so have the provider's", async () => {
  expect(await psql(server(), { database: "app", sql: ask(names) })).toBe(names.map((name) => shown[name]).join("|"));
});

test("a login that Patroni or pgBackRest works with has them by itself", async () => {
  const session = await plainSession("patroni");
  const pinned = Object.keys(loginSettings);
  expect(Object.fromEntries(pinned.map((name) => [name, session[name]]))).toEqual(loginSettings);
});

test("control: another login has the database's", async () => {
  const found = await plainSession("second");
  const named = ["local_preload_libraries", "client_encoding"];
  // The first is the next test's, the second is what this client always says.
  const same = names.filter((name) => found[name] === shown[name] && !named.includes(name));
  // A login that is no member cannot be made the owner by a setting; the superuser is.
  expect(same).toEqual([]);
});

test("a library that is not there, which an owner may ask for, keeps no session of ours out", async () => {
  await postgres.sql("postgres", "CREATE DATABASE closed");
  await postgres.sql("postgres", "ALTER DATABASE closed SET local_preload_libraries = 'missing'");
  await expect(postgres.sql("closed", "SELECT 1")).rejects.toThrow("missing");
  expect(await psql(server(), { database: "closed", sql: "SELECT 1" })).toBe("1");
  await expect(inSession(server(), (client) => client.query("SELECT 1"), "closed")).resolves.toBeDefined();
});

test("what a login has is among what a session says, with the same value", () => {
  expect(sessionSettings).toMatchObject(loginSettings);
});

test("a login whose settings were altered is found by the probe, and mended by the same script", async () => {
  const run = (sql: string): Promise<string> => psql(server(), { database: "postgres", sql });
  const before = await run(pinnedProbe(["patroni"]));
  await run("ALTER ROLE patroni SET statement_timeout = '1ms'");
  expect(await run(pinnedProbe(["patroni"]))).not.toBe(before);
  await run(pinSettings("patroni"));
  expect(await run(pinnedProbe(["patroni"]))).toBe(before);
});

test("control: the probe of no login is empty", async () => {
  const [known] = await postgres.sql<{ names: string | null }>("postgres", `SELECT ${knownNewer} AS names`);
  expect(await psql(server(), { database: "postgres", sql: pinnedProbe(["nobody"]) })).toBe(known?.names ?? "");
});

describe("a login that enters databases of others, and says nothing when it connects", () => {
  const sql = ask(names);
  const as = (user: string, database = "app") => psql(server(), { database, user, sql });
  const values = (settings: Readonly<Record<string, string>>) => names.map((name) => settings[name]).join("|");

  beforeAll(async () => {
    const { apply } = guestScript("house_admin");
    const made = ["howdah_pooler", "howdah_monitoring", "howdah_dump", "howdah_maintenance"];
    const roles = made.map((login) => `CREATE ROLE ${login} LOGIN;`).join("");
    const members = ["house_admin", ...made].join(", ");
    await postgres.sql("postgres", "CREATE ROLE careless LOGIN; CREATE ROLE house_admin LOGIN CREATEROLE");
    // From PostgreSQL 16 on, it may only alter roles that it has created.
    await postgres.sql("postgres", `SET ROLE house_admin; ${roles}`);
    await postgres.sql("postgres", `GRANT owner TO ${members}`);
    await psql(server(), { database: "postgres", user: "house_admin", sql: apply });
    await postgres.sql("postgres", "CREATE DATABASE barred OWNER owner");
    await postgres.sql("postgres", "ALTER DATABASE barred SET local_preload_libraries = 'missing'");
  });

  test("has settings of its own there", async () => {
    expect(await as("house_admin")).toBe(values(shown));
    expect(guestSettings).toEqual(sessionSettings);
  });

  test("has those that the provider of its role does not set", async () => {
    const found = (await as("howdah_pooler")).split("|");
    const session = Object.fromEntries(names.map((name, at) => [name, found[at]]));
    const pinned = Object.keys(madeGuestSettings);
    expect(pinned).toEqual(expect.arrayContaining(["local_preload_libraries", "exit_on_error", "client_encoding"]));
    expect(Object.fromEntries(pinned.map((name) => [name, session[name]]))).toEqual(
      Object.fromEntries(pinned.map((name) => [name, shown[name]])),
    );
  });

  test.each(["house_admin", "howdah_pooler"])(
    "comes in where a library is asked for that is not there: %s",
    async (login) => {
      expect(await as(login, "barred")).toContain("UTF8");
      await expect(as("careless", "barred")).rejects.toThrow("missing");
    },
  );

  test("is mended by the same script, which leaves the provider what is its own", async () => {
    const { apply, probe } = guestScript("house_admin");
    const probed = () => psql(server(), { database: "postgres", sql: probe });
    const before = await probed();
    await postgres.sql("postgres", "ALTER ROLE howdah_pooler SET statement_timeout = '5s'");
    expect(await probed()).toBe(before);
    await postgres.sql("postgres", "ALTER ROLE howdah_pooler RESET local_preload_libraries");
    expect(await probed()).not.toBe(before);
    await postgres.sql("postgres", apply);
    expect(await probed()).toBe(before);
  });
});

test("a setting that not every version has is given where the server knows it, and is no error elsewhere", async () => {
  await postgres.sql("postgres", "CREATE ROLE modern LOGIN");
  await postgres.sql("postgres", pinSettings("modern", {}, { idle_session_timeout: "0", of_another_version: "0" }));
  const sql = "SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'modern'::regrole";
  expect(await postgres.sql("postgres", sql)).toEqual([{ setconfig: ["idle_session_timeout=0"] }]);
  expect(pinSettings("modern")).toContain("SET transaction_timeout = '0'");
});
