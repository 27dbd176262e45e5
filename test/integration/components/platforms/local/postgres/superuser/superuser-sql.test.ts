import { administratorScript } from "../../../../../../../components/platforms/local/postgres/superuser/superuser-sql";
import { psql } from "../../../../../../../lib/sql/psql";
import { startPostgres, type ThrowawayPostgres } from "../../../../../../support/servers/postgres/throwaway-postgres";

const salt = Buffer.from("0123456789abcdef").toString("base64");
const { apply, probe } = administratorScript(
  { name: "howdah_admin", connectionLimit: 11 },
  { password: "pass'word", salt },
);
let postgres: ThrowawayPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.sql("postgres", "CREATE ROLE rewind LOGIN; CREATE ROLE other LOGIN");
  await postgres.sql("postgres", apply);
});
afterAll(() => postgres.stop());

const probed = async (): Promise<string> => Object.values((await postgres.sql("postgres", probe))[0] ?? {}).join();
const may = async (role: string, database: string): Promise<boolean> => {
  const text = `SELECT has_database_privilege('${role}', '${database}', 'CONNECT') AS may`;
  return (await postgres.sql<{ may: boolean }>("postgres", text))[0]?.may === true;
};

test("the administrator may create roles and databases, and is no superuser", async () => {
  const [role] = await postgres.sql("postgres", "SELECT * FROM pg_roles WHERE rolname = 'howdah_admin'");
  expect(role).toMatchObject({
    rolsuper: false,
    rolcreaterole: true,
    rolcreatedb: true,
    rolcanlogin: true,
    rolreplication: false,
    rolbypassrls: false,
  });
});

test("PUBLIC loses the databases and the schema that initdb made; the administrator and pg_rewind connect", async () => {
  expect(await may("other", "postgres")).toBe(false);
  expect(await may("other", "template1")).toBe(false);
  expect(await may("howdah_admin", "postgres")).toBe(true);
  expect(await may("rewind", "postgres")).toBe(true);
  const schema = "SELECT has_schema_privilege('other', 'public', 'USAGE') AS may";
  expect(await postgres.sql("postgres", schema)).toEqual([{ may: false }]);
});

test("pg_rewind's login has a limit, and one that is lifted is seen", async () => {
  const limit = "SELECT rolconnlimit AS limit FROM pg_roles WHERE rolname = 'rewind'";
  expect(await postgres.sql("postgres", limit)).toEqual([{ limit: 10 }]);
  const before = await probed();
  await postgres.sql("postgres", "ALTER ROLE rewind CONNECTION LIMIT -1");
  expect(await probed()).not.toBe(before);
  await postgres.sql("postgres", apply);
  expect(await probed()).toBe(before);
});

test("the password is in the SQL as its verifier only", () => {
  expect(apply).toContain("SCRAM-SHA-256$");
  expect(apply).not.toContain("pass");
});

test("applied again, nothing changes", async () => {
  const before = await probed();
  await postgres.sql("postgres", apply);
  expect(await probed()).toBe(before);
});

test("what a database's owner sets for it changes no session of the administrator's", async () => {
  await postgres.sql("postgres", "CREATE DATABASE hostile OWNER other");
  await postgres.sql("postgres", "GRANT other TO howdah_admin");
  for (const setting of [
    "local_preload_libraries = 'missing'",
    "exit_on_error = on",
    "default_transaction_read_only = on",
    "search_path = public",
    "role = other",
  ])
    await postgres.sql("postgres", `ALTER DATABASE hostile SET ${setting}`);
  const shown = ["exit_on_error", "default_transaction_read_only", "search_path"].map(
    (name) => `current_setting('${name}')`,
  );
  const server = { socketDirectory: postgres.socketDirectory, port: postgres.port };
  const sql = `SELECT current_user, ${shown.join(", ")}`;
  expect(await psql(server, { database: "hostile", user: "howdah_admin", sql })).toBe(
    "howdah_admin|off|off|pg_catalog",
  );
});

test("grants to others are no drift", async () => {
  const before = await probed();
  await postgres.sql("postgres", "GRANT CONNECT, TEMPORARY ON DATABASE postgres TO other");
  expect(await probed()).toBe(before);
});

test.each([
  "ALTER ROLE howdah_admin SUPERUSER",
  "ALTER ROLE howdah_admin NOCREATEROLE",
  "ALTER ROLE howdah_admin RESET local_preload_libraries",
  "ALTER ROLE howdah_admin PASSWORD 'another'",
  "GRANT CONNECT ON DATABASE postgres TO PUBLIC",
  "GRANT TEMPORARY ON DATABASE template1 TO PUBLIC",
  "REVOKE CONNECT ON DATABASE postgres FROM howdah_admin",
])("%s is drift, and applying repairs it", async (tampering) => {
  const before = await probed();
  await postgres.sql("postgres", tampering);
  expect(await probed()).not.toBe(before);
  await postgres.sql("postgres", apply);
  expect(await probed()).toBe(before);
});
