import { join } from "node:path";
import type { Client } from "pg";
import type { LocalStackFile } from "../../contracts/stack-file";
import { run } from "../../lib/process/task";
import { asLogin, inSession, query, type SocketServer } from "../session/sql";
import { reach } from "./inspect";

const installed = `SELECT nspname AS schema FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'amcheck'`;

const grants = `SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', d.objid::regprocedure, $1::text) AS sql
  FROM pg_depend d JOIN pg_extension e ON d.refobjid = e.oid AND d.refclassid = 'pg_extension'::regclass
  WHERE e.extname = 'amcheck' AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'`;

/**
 * Has the functions of amcheck in pg_catalog, for a login. In a schema of an owner's they could be overloaded with his, and
 * `pg_amcheck` would call those.
 */
async function provide(client: Client, login: string): Promise<void> {
  const [found] = (await client.query<{ schema: string }>(installed)).rows;
  if (found === undefined) await client.query("CREATE EXTENSION amcheck SCHEMA pg_catalog");
  else if (found.schema !== "pg_catalog") await client.query("ALTER EXTENSION amcheck SET SCHEMA pg_catalog");
  for (const { sql } of (await client.query<{ sql: string }>(grants, [login])).rows) await client.query(sql);
}

/**
 * Checks every table and B-tree of a throwaway server, block by block (pg_amcheck): as `login`, since the check calls the functions
 * of indexes.
 */
export async function checkStructure(
  job: Pick<LocalStackFile, "postgresBin">,
  server: SocketServer,
  login: string,
): Promise<string> {
  const databases = await query<{ name: string; connect: string }>(
    server,
    `SELECT datname AS name, format('GRANT CONNECT ON DATABASE %I TO %I', datname, $1::text) AS connect
     FROM pg_database WHERE datallowconn`,
    [login],
  );
  for (const { name, connect } of databases) {
    await query(server, connect);
    await inSession(server, (client) => provide(client, login), name);
  }
  const program = join(job.postgresBin, "pg_amcheck");
  const variables = reach(asLogin(server, login));
  await run({ program, args: ["--all", "--no-password"], variables, lowPriority: true });
  return "every table and B-tree index";
}
