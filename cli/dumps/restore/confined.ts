import { join } from "node:path";
import { readFile, writeFile } from "node:fs/promises";
import type { Client } from "pg";
import { restorerScript, socketLogins } from "../../../components/backup/socket-logins";
import { creation } from "../../../components/postgres/extensions/script";
import { inSession, type SocketServer } from "../../session/sql";
import { confinedFlags, madeByRestore } from "./entries";
import type { Extension } from "../store/manifest";
import { feed } from "../programs";
import { identifier } from "../../../lib/sql/quote";
import { textFile } from "../../../lib/text/text-file";
import { fillSql } from "../../../lib/sql/fill";

/**
 * A dump brings code of its database's owners: functions that indexes, checks, defaults and triggers call while it is restored.
 * In a superuser's session they could run programs and read files as the server's user. Here the superuser makes what only he
 * may, while the database is still empty; all that comes out of the archive, a login without any such right restores.
 */
export const confinedLogin = socketLogins.restore;

/** Makes the login on a throwaway server, where it also reads what a dump of the definitions has to lock. */
export const makeConfinedLogin = (server: SocketServer): Promise<unknown> =>
  inSession(server, (client) => client.query(`${restorerScript}GRANT pg_read_all_data TO ${confinedLogin}`));

const grants = fillSql(textFile(__dirname, "extension-grants.sql"), { parts: { login: confinedLogin } });

/**
 * Makes the extensions of a database that is still empty, with their schemas, and lets the login fill their tables.
 * @param client of the superuser or the administrator, in that database
 */
export async function makeExtensions(client: Client, extensions: readonly Extension[]): Promise<void> {
  for (const { name, schema } of madeByRestore(extensions)) {
    const { rowCount } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
    if (rowCount === 0) await client.query(`CREATE SCHEMA ${identifier(schema)} AUTHORIZATION ${confinedLogin}`);
    await client.query(creation(name, schema));
  }
  const { rows } = await client.query<{ sql: string }>(grants);
  // A cloud's administrator owns no wrapper; what then cannot be made, the restore tells.
  for (const { sql } of rows) await client.query(sql).catch(tolerate(isRefused));
}

const isRefused = (error: unknown): boolean => (error as { code?: unknown }).code === "42501";

const tolerate =
  (expected: (error: unknown) => boolean) =>
  (error: unknown): void => {
    if (!expected(error)) throw error;
  };

/** The table of contents of an archive. @param folder for a file of the run's */
export async function contentsList(
  archive: AsyncIterable<Uint8Array>,
  { bin, folder, signal }: { bin: string; folder: string; signal: AbortSignal },
): Promise<string> {
  const file = join(folder, "contents.list");
  await feed({ program: join(bin, "pg_restore"), args: ["--list", `--file=${file}`], signal }, archive);
  return readFile(file, "utf8");
}

/** Words of `pg_restore` that restore the given lines of a table of contents, as a login that is not a superuser. */
export async function confinedOptions(folder: string, name: string, entries: string): Promise<string[]> {
  const file = join(folder, `${name}.list`);
  await writeFile(file, entries, { mode: 0o600 });
  return [...confinedFlags, `--use-list=${file}`];
}
