import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { lookupTable, lookupTableOwner, type LookupTable } from "../../../../../components/pgbouncer/auth-query/table";
import { scramVerifier } from "../../../../../components/postgres/access/logins/scram";
import { codeOf, runSteps, type RemoteServer } from "../../../../../providers/host/remote-sql";
import { renderFor, startPooler, type ThrowawayPooler } from "../../../../support/servers/routing/throwaway-pooler";
import type { ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { startTlsPostgres, tlsFolder, type TlsFolder } from "../../../../support/servers/postgres/tls-postgres";

const verifierOf = (password: string): string => scramVerifier(password, randomBytes(16).toString("base64"));
const passwordOf = (login: string): string => `${login}-password`;
const logins = ["web", "trail", "expired", "grouping", "root", "wal", "maker", "mighty", "howdah_other"];
const verifiers = Object.fromEntries(logins.map((login) => [login, verifierOf(passwordOf(login))]));
const owner = lookupTableOwner("shop");

let folder: TlsFolder;
let server: ThrowawayPostgres;
const table: LookupTable = lookupTable({ database: "shop", powerfulGroups: ["rds_superuser", "missing"] });

const at = (database: string): RemoteServer => ({
  host: "localhost",
  port: server.port,
  sslmode: "verify-full",
  caFile: folder.caFile,
  username: "master",
  password: "master-password",
  database,
});
const asMaster = (steps: LookupTable["apply"] extends (v: never) => infer S ? S : never, database = "shop") =>
  runSteps(at(database), steps, new AbortController().signal);
const apply = (known = verifiers) => asMaster(table.apply(known));
/** What the provider makes of the probe: one that meets missing objects is an answer, too. */
const fingerprint = () =>
  asMaster([{ sql: table.probe }]).catch((error: unknown) => {
    if (/^(42|3F)/.test(codeOf(error) ?? "")) return "gone";
    throw error;
  });

/** As RDS has it: the administrator makes roles and databases, and is in a group that is not a superuser. */
beforeAll(async () => {
  folder = await tlsFolder();
  // One log for all, whatever the hour.
  const logging = ["log_statement=ddl", "logging_collector=on", "log_directory=log", "log_rotation_age=0"];
  server = await startTlsPostgres(folder, logging);
  await server.sql(
    "postgres",
    `CREATE ROLE rds_superuser CREATEROLE CREATEDB;
     CREATE ROLE master LOGIN CREATEROLE CREATEDB IN ROLE rds_superuser PASSWORD 'master-password';
     CREATE ROLE root LOGIN SUPERUSER; CREATE ROLE wal LOGIN REPLICATION;
     GRANT CREATE ON DATABASE postgres TO master`,
  );
  await asMaster(
    [
      {
        sql: `CREATE ROLE howdah_pooler LOGIN PASSWORD '${verifierOf(passwordOf("howdah_pooler"))}'; CREATE ROLE howdah_other LOGIN;
          CREATE ROLE web LOGIN PASSWORD '${verifiers["web"]!}'; CREATE ROLE trail LOGIN PASSWORD '${verifiers["trail"]!}';
          CREATE ROLE expired LOGIN VALID UNTIL '2020-01-01'; CREATE ROLE grouping; CREATE ROLE maker LOGIN CREATEROLE;
          CREATE ROLE shop_owner; GRANT shop_owner TO master; CREATE ROLE mighty LOGIN`,
      },
    ],
    "postgres",
  );
  await server.sql("postgres", "GRANT rds_superuser TO mighty");
  await server.sql("postgres", "CREATE DATABASE shop OWNER shop_owner");
  await server.sql(
    "shop",
    `REVOKE ALL ON DATABASE shop FROM PUBLIC;
     GRANT CONNECT ON DATABASE shop TO howdah_pooler, ${logins.filter((login) => login !== "trail").join(", ")}`,
  );
  await apply();
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

/** A statement in a session of a role; the superuser's, after SET SESSION AUTHORIZATION. */
async function as(role: string, sql: string): Promise<unknown[]> {
  const client = new Client({ host: server.host, port: server.port, user: server.superuser, database: "shop" });
  await client.connect();
  try {
    await client.query(`SET SESSION AUTHORIZATION ${role}`);
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const lookup = (login: string): Promise<unknown[]> =>
  as("howdah_pooler", `SELECT username, password FROM pooler.user_lookup('${login}')`);

const rows = (): Promise<{ username: string; password: string }[]> =>
  server.sql("shop", "SELECT username, password FROM pooler.verifier ORDER BY username");

describe("a lookup", () => {
  test("finds the verifier of an application's login", async () => {
    expect(await lookup("web")).toEqual([{ username: "web", password: verifiers["web"] }]);
  });

  test.each([
    ["a superuser", "root"],
    ["a login of replication", "wal"],
    ["a group", "grouping"],
    ["a login that has expired", "expired"],
    ["a login that makes roles", "maker"],
    ["a member of a powerful group", "mighty"],
    ["a login of the house", "howdah_other"],
    ["the pooler", "howdah_pooler"],
    ["a login that may not enter this database", "trail"],
    ["the administrator", "master"],
    ["nobody", "nobody"],
  ])("finds nothing of %s", async (_who, login) => {
    expect(await lookup(login)).toEqual([]);
  });

  test("finds nothing of a howdah login even if it was added to the table", async () => {
    await server.sql("shop", "INSERT INTO pooler.verifier VALUES ('howdah_other', 'x')");
    expect(await lookup("howdah_other")).toEqual([]);
    await apply();
  });
});

test("only the pooler may look up, and no login may read the table", async () => {
  for (const role of ["web", "shop_owner", "rds_superuser"]) {
    await expect(as(role, "SELECT * FROM pooler.user_lookup('web')")).rejects.toThrow("permission denied for schema");
  }
  await expect(as("master", "SELECT * FROM pooler.user_lookup('web')")).rejects.toThrow("permission denied for func");
  for (const role of ["howdah_pooler", "master"]) {
    await expect(as(role, "SELECT * FROM pooler.verifier")).rejects.toThrow("permission denied for table");
  }
  await expect(as("howdah_pooler", "SELECT pooler.verifiers_fingerprint()")).rejects.toThrow("permission denied");
});

test("the administrator is not left as a member of the owner", async () => {
  const members = `SELECT m.rolname, pg_has_role(m.oid, r.oid, 'USAGE') AS uses FROM pg_auth_members a
    JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member WHERE r.rolname = '${owner}' AND m.rolname <> 'postgres'`;
  // From PostgreSQL 16 on, who makes a role administers it and no more.
  expect((await server.sql("shop", members)).filter(({ uses }) => uses as boolean)).toEqual([]);
});

test("the table is an exact set: who is no longer known is forgotten, a new verifier takes the place of the old", async () => {
  const fresh = verifierOf("fresh");
  const { web } = verifiers;
  await apply({ trail: verifiers["trail"]!, web: fresh });
  expect(await rows()).toEqual([
    { username: "trail", password: verifiers["trail"] },
    { username: "web", password: fresh },
  ]);
  await apply({ web: web! });
  expect(await rows()).toEqual([{ username: "web", password: web }]);
  await apply();
  expect((await rows()).map(({ username }) => username)).not.toContain("howdah_other");
});

test.each([
  "GRANT EXECUTE ON FUNCTION pooler.user_lookup(text) TO web",
  "GRANT USAGE ON SCHEMA pooler TO PUBLIC",
  "GRANT SELECT ON pooler.verifier TO web",
  "GRANT SELECT (password) ON pooler.verifier TO web",
  "REVOKE USAGE ON SCHEMA pooler FROM howdah_pooler",
  "ALTER FUNCTION pooler.user_lookup(text) RESET search_path",
  "ALTER FUNCTION pooler.user_lookup(text) OWNER TO maker",
  "ALTER SCHEMA pooler OWNER TO maker",
  "ALTER TABLE pooler.verifier OWNER TO web",
  "ALTER TABLE pooler.verifier ADD COLUMN hint text",
  "CREATE RULE nothing AS ON INSERT TO pooler.verifier DO INSTEAD NOTHING",
  `ALTER ROLE ${owner} LOGIN`,
  `GRANT ${owner} TO web`,
  "CREATE OR REPLACE FUNCTION pooler.user_lookup(login text) RETURNS TABLE (username text, password text) LANGUAGE sql AS 'SELECT login, login'",
  "DROP FUNCTION pooler.user_lookup(text)",
  "COMMENT ON SCHEMA pooler IS 'mine'; GRANT SELECT ON pooler.verifier TO web",
  "UPDATE pooler.verifier SET password = 'another' WHERE username = 'web'",
  "DELETE FROM pooler.verifier",
  "INSERT INTO pooler.verifier VALUES ('guest', 'x')",
])("the probe notices, and apply undoes: %s", async (change) => {
  const good = await fingerprint();
  await server.sql("shop", change);
  expect(await fingerprint()).not.toBe(good);
  await apply();
  expect(await fingerprint()).toBe(good);
  expect(await lookup("web")).toEqual([{ username: "web", password: verifiers["web"] }]);
});

test("default privileges that the administrator set open nothing", async () => {
  await asMaster([{ sql: "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO web" }]);
  await server.sql("shop", "DROP TABLE pooler.verifier");
  await apply();
  await expect(as("web", "SELECT * FROM pooler.verifier")).rejects.toThrow("permission denied");
  await asMaster([{ sql: "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM web" }]);
});

test("a second apply makes nothing again, not even when a verifier was rotated", async () => {
  const made = (): Promise<unknown[]> => server.sql("shop", "SELECT 'pooler.verifier'::regclass::oid::text AS id");
  const before = [await made(), await fingerprint()];
  await apply();
  expect([await made(), await fingerprint()]).toEqual(before);
  await apply({ web: verifierOf("other") });
  expect(await made()).toEqual(before[0]);
  await apply();
});

test("neither the fingerprint nor the server's log holds a verifier", async () => {
  const secret = verifierOf("seen-nowhere");
  await apply({ web: secret });
  const print = await fingerprint();
  await apply();
  const folderOf = join(server.dataDirectory, "log");
  const [{ file }] = (await server.sql<{ file: string }>("postgres", "SELECT pg_current_logfile() AS file")) as [
    { file: string },
  ];
  const log = readFileSync(join(folderOf, "..", file), "utf8");
  // Negative control: the log does have what changes the schema.
  expect(log).toContain("CREATE TABLE pooler.verifier");
  const [, storedKey = ""] = secret.split("$").slice(1);
  for (const text of [log, print]) expect(text).not.toContain(storedKey);
});

test("a foreign schema of that name stops apply and stays, with revert, too", async () => {
  const other = lookupTable({ database: "postgres" });
  await server.sql("postgres", "CREATE SCHEMA pooler; CREATE TABLE pooler.verifier AS SELECT 1 AS a");
  await expect(asMaster(other.apply(verifiers), "postgres")).rejects.toThrow(
    "schema pooler of database postgres is not howdah's",
  );
  await asMaster([{ sql: other.revert }], "postgres");
  expect(await server.sql("postgres", "SELECT a FROM pooler.verifier")).toEqual([{ a: 1 }]);
  await server.sql("postgres", "DROP SCHEMA pooler CASCADE");
});

test("something else in the schema stops apply and stays", async () => {
  await server.sql("shop", "CREATE TABLE pooler.precious AS SELECT 1 AS a");
  await expect(apply()).rejects.toThrow("cannot drop schema pooler");
  expect(await server.sql("shop", "SELECT a FROM pooler.precious")).toEqual([{ a: 1 }]);
  await server.sql("shop", "DROP TABLE pooler.precious");
  await apply();
});

describe("through PgBouncer", () => {
  let pooler: ThrowawayPooler;
  const pool = { database: "shop", route: "readWrite", mode: "transaction", size: 2, overflow: 0, limit: 4 } as const;

  beforeAll(async () => {
    const render = renderFor([{ ...pool, alias: "shop" }], server.port);
    pooler = await startPooler(folder, { name: "pooler", render, password: passwordOf("howdah_pooler") });
  });
  afterAll(() => pooler.stop("SIGQUIT"));

  async function logIn(user: string, password: string): Promise<string> {
    const ssl = { ca: readFileSync(folder.caFile, "utf8") };
    const client = new Client({ host: "localhost", port: pooler.port, database: "shop", user, password, ssl });
    client.on("error", () => undefined);
    await client.connect();
    try {
      const { rows: found } = await client.query<{ user: string }>("SELECT current_user AS user");
      return found[0]!.user;
    } finally {
      await client.end();
    }
  }

  test("a login comes with its password, and with no other", async () => {
    expect(await logIn("web", passwordOf("web"))).toBe("web");
    await expect(logIn("web", "wrong")).rejects.toThrow("SASL authentication failed");
  });

  test("a login of another database is refused, whatever its password", async () => {
    await expect(logIn("trail", passwordOf("trail"))).rejects.toThrow();
  });

  test("a rotated password takes effect", async () => {
    const rotated = verifierOf("rotated");
    await server.sql("shop", `ALTER ROLE web PASSWORD '${rotated}'`);
    await apply({ ...verifiers, web: rotated });
    expect(await logIn("web", "rotated")).toBe("web");
    await expect(logIn("web", passwordOf("web"))).rejects.toThrow("SASL authentication failed");
    await server.sql("shop", `ALTER ROLE web PASSWORD '${verifiers["web"]!}'`);
    await apply();
    expect(await logIn("web", passwordOf("web"))).toBe("web");
  });
});

test("revert leaves nothing, and may run again", async () => {
  const left = (): Promise<unknown[]> =>
    server.sql("shop", `SELECT to_regnamespace('pooler') AS schema, to_regrole('${owner}') AS role`);
  await server.sql("shop", "ALTER FUNCTION pooler.user_lookup(text) OWNER TO web");
  await asMaster([{ sql: table.revert }]);
  expect(await left()).toEqual([{ schema: null, role: null }]);
  expect(await server.sql("shop", "SELECT pg_has_role('master', 'web', 'USAGE') AS joined")).toEqual([
    { joined: false },
  ]);
  await asMaster([{ sql: table.revert }]);
  expect(await fingerprint()).toBe("gone");
});
