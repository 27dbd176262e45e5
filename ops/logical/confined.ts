import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { inSession, type SocketServer } from "../sql";
import type { Extension } from "./manifest";
import { feed } from "./programs";

/**
 * A dump brings code of its database's owners: functions that indexes, checks, defaults and triggers call while it is restored.
 * In a superuser's session they could run programs and read files as the server's user. Here the superuser makes what only he
 * may, while the database is still empty; all that comes out of the archive, a login without any such right restores.
 */
export const confinedLogin = "howdah_restore";

export interface Confinement {
  /** The server, as `confinedLogin`. */
  readonly server: SocketServer;
  /** Folder for a file of the restore's. */
  readonly folder: string;
}

/** The server as the login that is no superuser. */
export const asConfined = ({ socketDirectory, port, patience }: SocketServer): SocketServer => ({
  socketDirectory,
  port,
  patience,
  user: confinedLogin,
});

/**
 * Makes the login. It reads what a dump of the definitions has to lock, and policies do not hide rows from what it refreshes:
 * both only matter within the databases that it restores.
 */
export const makeConfinedLogin = (server: SocketServer): Promise<unknown> =>
  inSession(server, (client) =>
    client.query(
      `CREATE ROLE ${confinedLogin} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS IN ROLE pg_read_all_data`,
    ),
  );

/**
 * Made anew by `pg_amcheck`, in pg_catalog: in a schema of an owner's, its functions could be overloaded with his, and the
 * superuser would call those.
 */
const structureCheck = "amcheck";

const grants = `SELECT format('GRANT %s TO ${confinedLogin}', what) AS sql FROM (
    SELECT CASE relkind WHEN 'S' THEN format('SELECT, UPDATE ON SEQUENCE %s', oid::regclass)
      ELSE format('SELECT, INSERT ON TABLE %s', oid::regclass) END
    FROM pg_class WHERE oid IN (SELECT unnest(extconfig) FROM pg_extension)
    UNION ALL SELECT format('USAGE ON FOREIGN DATA WRAPPER %I', fdwname) FROM pg_foreign_data_wrapper
  ) AS needed (what)`;

/**
 * Makes the extensions of a database that is still empty, with their schemas, and lets the login fill their tables.
 * @param client the superuser's, in that database
 */
export async function makeExtensions(client: Client, extensions: readonly Extension[]): Promise<void> {
  for (const { name, schema } of extensions.filter((one) => one.name !== structureCheck)) {
    const at = client.escapeIdentifier(schema);
    const { rowCount } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
    if (rowCount === 0) await client.query(`CREATE SCHEMA ${at} AUTHORIZATION ${confinedLogin}`);
    await client.query(`CREATE EXTENSION IF NOT EXISTS ${client.escapeIdentifier(name)} SCHEMA ${at}`);
  }
  const { rows } = await client.query<{ sql: string }>(grants);
  for (const { sql } of rows) await client.query(sql);
}

/** Words of `pg_restore` for a login that is nobody's superuser. */
export const confinedFlags = [
  "--no-owner",
  "--no-privileges",
  "--no-tablespaces",
  "--no-comments",
  "--no-security-labels",
  "--no-publications",
  "--no-subscriptions",
] as const;

const entry = /^\d+; \d+ \d+ (SCHEMA|EXTENSION|EVENT TRIGGER) - (.*)$/;

/**
 * What is left of an archive's table of contents without schemas that extensions have brought, and without what is a superuser's
 * alone: event triggers, which act on the sessions of all.
 * @param list of `pg_restore --list`
 */
export function confinedEntries(list: string, extensions: readonly Extension[]): string {
  const made = new Set(extensions.filter(({ name }) => name !== structureCheck).map(({ schema }) => schema));
  const isWanted = (line: string): boolean => {
    const [, type, rest = ""] = entry.exec(line) ?? [];
    // The last word is the owner; an extension's is empty.
    const name = rest.slice(0, rest.lastIndexOf(" "));
    if (type === "SCHEMA") return !made.has(name);
    if (type === "EXTENSION") return name !== structureCheck;
    return type === undefined;
  };
  return list.split("\n").filter(isWanted).join("\n");
}

/** Writes what is to be restored of an archive into a file for `pg_restore --use-list`, and returns its path. */
export async function listConfined(
  {
    archive,
    extensions,
    folder,
  }: { archive: AsyncIterable<Uint8Array>; extensions: readonly Extension[]; folder: string },
  { bin, signal }: { bin: string; signal: AbortSignal },
): Promise<string> {
  const file = join(folder, "contents.list");
  await feed({ command: [join(bin, "pg_restore"), "--list", `--file=${file}`], signal }, archive);
  await writeFile(file, confinedEntries(await readFile(file, "utf8"), extensions));
  return file;
}
