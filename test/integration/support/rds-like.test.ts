import { readFileSync } from "node:fs";
import { Client } from "pg";
import { type RdsLike, startRdsLike } from "../../support/servers/postgres/rds-like";

let rds: RdsLike;

beforeAll(async () => {
  rds = await startRdsLike("master");
  await rds.sql("postgres", "CREATE ROLE team_owner LOGIN PASSWORD 'of-the-owner'; GRANT team_owner TO master");
});
afterAll(() => rds.stop());

/** Runs SQL in a database as a login, over TLS. */
async function as(login: { user: string; password: string }, database: string, text: string): Promise<void> {
  const ssl = { ca: readFileSync(rds.caFile, "utf8") };
  const client = new Client({ host: "127.0.0.1", port: rds.port, ...login, database, ssl });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

test("only the master user creates the extensions that RDS has, and no other, in a database of another role", async () => {
  const asMaster = (database: string, text: string) => as({ user: "master", password: rds.password }, database, text);
  const asOwner = (text: string) => as({ user: "team_owner", password: "of-the-owner" }, "team", text);
  await asMaster("postgres", "CREATE DATABASE team OWNER team_owner TEMPLATE template0");
  await expect(asOwner("CREATE EXTENSION pg_stat_statements")).rejects.toThrow(
    'permission denied to create extension "pg_stat_statements"',
  );
  await asMaster("team", "CREATE EXTENSION pg_stat_statements; CREATE EXTENSION pgcrypto");
  // Its library is loaded.
  await asMaster("team", "SELECT FROM pg_stat_statements");
  // What PostgreSQL trusts, RDS does too.
  await asOwner('CREATE EXTENSION citext; CREATE EXTENSION "uuid-ossp"');
  // Control: on a real server it would read any file.
  await expect(asMaster("team", "CREATE EXTENSION file_fdw")).rejects.toThrow(/permission denied to create extension/);
});
