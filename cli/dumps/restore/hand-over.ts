import type { Client } from "pg";
import { Failure } from "../../../lib/errors";
import { isPowerful } from "../../session/powerful";
import { confinedLogin } from "./confined";
import { giveDefaultPrivileges } from "../take/default-privileges";
import type { Manifest } from "../store/manifest";
import { identifier } from "../../../lib/sql/quote";

// None of a dump's functions may run as such a role.
const statement = `SELECT ${isPowerful("r")} AS powerful FROM pg_roles r WHERE rolname = $1`;

/**
 * The role that a restored database is to belong to: functions of the dump will run with its rights.
 * @throws Failure if it is not there, or has more power than a database's owner needs
 */
export async function checkOwner(client: Client, manifest: Manifest, wanted?: string): Promise<string> {
  const owner = wanted ?? manifest.creation.owner;
  const { rows } = await client.query<{ powerful: boolean }>(statement, [owner]);
  const advice = "name the owner of the restored database with --owner";
  const [found] = rows;
  const belonged = wanted === undefined ? `database ${manifest.database} belonged to ${owner}, which` : `role ${owner}`;
  if (found === undefined)
    throw new Failure(`${belonged} does not exist in this cluster: create it first (NOLOGIN is enough), or ${advice}`);
  if (found.powerful)
    throw new Failure(
      `${belonged} has privileges beyond its database, and the dump's code would run with them: ${advice}, or restore with --as-superuser if you trust the dump`,
    );
  return owner;
}

const schemas = `SELECT format('ALTER SCHEMA %I OWNER TO %I', nspname, $1::text) AS sql FROM pg_namespace
  WHERE nspowner = '${confinedLogin}'::regrole`;

/**
 * Gives all that the confined login has made to the owner of the database. Runs none of it: an owner changes in the catalog.
 * @param client of the superuser or the administrator, in that database
 * @returns roles whose default privileges were left out
 */
export async function handOver(client: Client, owner: string, manifest: Manifest): Promise<string[]> {
  const to = identifier(owner);
  await client.query("BEGIN");
  // An administrator may give a thing only to who may make things in its schema.
  const { rows } = await client.query<{ sql: string }>(schemas, [owner]);
  for (const { sql } of rows) await client.query(sql);
  await client.query(`REASSIGN OWNED BY ${confinedLogin} TO ${to}`);
  // What extensions had to grant to it; it owns nothing any more.
  await client.query(`DROP OWNED BY ${confinedLogin}`);
  const left = await giveDefaultPrivileges(client, owner, manifest.defaultPrivileges ?? []);
  await client.query("COMMIT");
  return left;
}
