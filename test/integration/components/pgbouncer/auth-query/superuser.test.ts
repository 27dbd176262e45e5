import { Client } from "pg";
import { apply, lookupOwner, probe, revert } from "../../../../../components/pgbouncer/auth-query/superuser";
import { scramVerifier } from "../../../../../components/postgres/access/logins/scram";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";

let server: ThrowawayPostgres;

const verifier = scramVerifier("secret", Buffer.from("0123456789abcdef").toString("base64"));

beforeAll(async () => {
  server = await startPostgres();
  await server.sql(
    "postgres",
    `CREATE ROLE howdah_pooler LOGIN; CREATE ROLE howdah_other LOGIN PASSWORD '${verifier}';
     CREATE ROLE web LOGIN PASSWORD '${verifier}'; CREATE ROLE grouping PASSWORD '${verifier}';
     CREATE ROLE expired LOGIN PASSWORD '${verifier}' VALID UNTIL '2020-01-01';
     CREATE ROLE root LOGIN SUPERUSER PASSWORD '${verifier}'; CREATE ROLE wal LOGIN REPLICATION PASSWORD '${verifier}';`,
  );
  await server.sql("postgres", "CREATE DATABASE other");
  await server.sql("postgres", apply);
});

afterAll(() => server.stop());

const fingerprint = async (database = "postgres"): Promise<unknown> =>
  Object.values((await server.sql(database, probe))[0]!)[0];

async function as(user: string, text: string): Promise<unknown[]> {
  const client = new Client({ host: server.host, port: server.port, user, database: "postgres" });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const lookup = (login: string): Promise<unknown[]> =>
  as("howdah_pooler", `SELECT username, password FROM pooler.user_lookup('${login}')`);

test("the pooler finds the verifier of an application's login", async () => {
  expect(await lookup("web")).toEqual([{ username: "web", password: verifier }]);
});

test.each(["root", "wal", "grouping", "expired", "howdah_other", "howdah_pooler", "pg_monitor", "nobody"])(
  "of %s it finds nothing",
  async (login) => {
    expect(await lookup(login)).toEqual([]);
  },
);

test("of a login that may not enter this database it finds nothing", async () => {
  await server.sql(
    "postgres",
    "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC; GRANT CONNECT ON DATABASE postgres TO howdah_pooler",
  );
  try {
    expect(await lookup("web")).toEqual([]);
    await server.sql("postgres", "GRANT CONNECT ON DATABASE postgres TO web");
    expect(await lookup("web")).toHaveLength(1);
  } finally {
    await server.sql(
      "postgres",
      "REVOKE CONNECT ON DATABASE postgres FROM web, howdah_pooler; GRANT CONNECT ON DATABASE postgres TO PUBLIC",
    );
  }
});

test("no other login may look up, and the pooler sees nothing but the function", async () => {
  await expect(as("web", "SELECT * FROM pooler.user_lookup('web')")).rejects.toThrow("permission denied for schema");
  await expect(as("howdah_pooler", "SELECT rolpassword FROM pg_authid")).rejects.toThrow("permission denied");
});

test.each([
  "GRANT EXECUTE ON FUNCTION pooler.user_lookup(text) TO web",
  "GRANT USAGE ON SCHEMA pooler TO PUBLIC",
  "ALTER FUNCTION pooler.user_lookup(text) RESET search_path",
  "ALTER FUNCTION pooler.user_lookup(text) OWNER TO root",
  "ALTER SCHEMA pooler OWNER TO web",
  `GRANT SELECT ON pg_authid TO ${lookupOwner}`,
  `GRANT SELECT (oid) ON pg_authid TO ${lookupOwner}`,
  `REVOKE SELECT (rolsuper) ON pg_authid FROM ${lookupOwner}`,
  `ALTER ROLE ${lookupOwner} LOGIN`,
  `GRANT ${lookupOwner} TO web`,
  "CREATE OR REPLACE FUNCTION pooler.user_lookup(login text) RETURNS TABLE (username text, password text) LANGUAGE sql AS 'SELECT login, login'",
  "DROP FUNCTION pooler.user_lookup(text)",
])("the probe notices, and apply undoes: %s", async (change) => {
  const good = await fingerprint();
  expect(good).toMatch(/^[0-9a-f]{32}$/);
  await server.sql("postgres", change);
  expect(await fingerprint()).not.toBe(good);
  await server.sql("postgres", apply);
  expect(await fingerprint()).toBe(good);
});

test("a second apply changes nothing", async () => {
  const good = await fingerprint();
  await server.sql("postgres", apply);
  expect(await fingerprint()).toBe(good);
});

test("something else in the schema stops apply and stays", async () => {
  await server.sql("other", "CREATE SCHEMA pooler; CREATE TABLE pooler.precious AS SELECT 1 AS a");
  await expect(server.sql("other", apply)).rejects.toThrow("cannot drop schema pooler");
  expect(await server.sql("other", "SELECT a FROM pooler.precious")).toEqual([{ a: 1 }]);
  await server.sql("other", "ROLLBACK; DROP SCHEMA pooler CASCADE");
});

test("revert takes it back, and the role with the last database", async () => {
  const owners = async (): Promise<number> =>
    (await server.sql("postgres", `SELECT FROM pg_roles WHERE rolname = '${lookupOwner}'`)).length;
  await server.sql("other", apply);
  await server.sql("postgres", revert);
  expect([await fingerprint(), await owners()]).toEqual(["absent", 1]);
  expect(await fingerprint("other")).not.toBe("absent");
  await server.sql("other", revert);
  expect([await fingerprint("other"), await owners()]).toEqual(["absent", 0]);
  await server.sql("other", revert);
});
