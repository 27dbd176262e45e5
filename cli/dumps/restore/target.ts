import type { Client } from "pg";
import { withAdvisoryLock } from "../../../lib/sql/session";
import { scratchDatabase } from "../../../components/backup/socket-logins";
import { Failure, Refusal } from "../../../lib/errors";
import { type DatabaseServer, inSession } from "../../session/sql";
import type { Creation } from "../store/manifest";
import { identifier, literal } from "../../../lib/sql/quote";

export { scratchDatabase };

/** Comment of that database: a database without it is not ours, and is never dropped. */
const scratchMark = "howdah: a restore that is not whole yet; the next one drops it";

/** Of the advisory lock that a restore holds in `postgres`: the first bytes of "howdah". */
const lockKey = [0x686f7764] as const;

/** PostgreSQL would cut a longer name off, and may then find another database under it. */
const longestName = 63;

/** @throws Failure if the name cannot be used, or is taken */
export async function checkFree(client: Client, database: string): Promise<void> {
  const bytes = Buffer.byteLength(database);
  if (bytes === 0 || bytes > longestName) throw new Failure(`a database's name has 1 to ${longestName} bytes`);
  if (database === scratchDatabase)
    throw new Failure(`${database} is reserved for restores in progress: choose another name`);
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
  if (rowCount !== 0)
    throw new Failure(`database ${database} exists: restore into another name, or rename or drop that one first`);
}

/** @throws Refusal if the login may make no database */
export async function checkMayCreate(client: Client): Promise<void> {
  const { rows } = await client.query<{ may: boolean; name: string }>(
    "SELECT rolcreatedb OR rolsuper AS may, rolname AS name FROM pg_roles WHERE rolname = current_user",
  );
  if (rows[0]?.may !== true)
    throw new Refusal(
      `${rows[0]?.name ?? "the login"} may not create a database: restore with a job file whose login is the administrator's`,
    );
}

/**
 * Runs `work` in a session of the superuser's or the job's login, alone in the cluster: what another one has left was left by a dead one.
 * @throws Failure if another restore runs
 */
export const alone = <T>(server: DatabaseServer, work: (client: Client) => Promise<T>): Promise<T> =>
  inSession(server, (client) => {
    const held = (): Error => new Failure("another logical restore is running in this cluster");
    return withAdvisoryLock(client, { key: lockKey, held }, () => work(client));
  });

/** How the locale's provider is named; servers before 15 know one only. */
function providerClause({ provider, locale }: Creation, serverVersion: number): string {
  if (serverVersion < 150_000) return "";
  const name = locale === null ? "" : literal(locale);
  if (provider === "icu") return `LOCALE_PROVIDER icu ICU_LOCALE ${name}`;
  if (provider === "builtin") return `LOCALE_PROVIDER builtin BUILTIN_LOCALE ${name}`;
  return "LOCALE_PROVIDER libc";
}

/**
 * Drops what a restore has left, if there is any.
 * @param isOwn this run has made it: its mark says nothing then, as the database's owner, who runs the dump's code, can take it off
 * @throws Failure if the database of that name is none that a restore has made
 */
export async function dropScratch(client: Client, isOwn = false): Promise<void> {
  const { rows } = await client.query<{ mark: string | null }>(
    "SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = $1",
    [scratchDatabase],
  );
  const [found] = rows;
  if (found === undefined) return;
  if (!isOwn && found.mark !== scratchMark)
    throw new Failure(
      `a restore needs the name ${scratchDatabase}, but a database of that name exists that no restore has created: rename it, or drop it if it is not needed`,
    );
  // A template is not dropped, and its owner could have made it one.
  await client.query(`ALTER DATABASE ${scratchDatabase} IS_TEMPLATE false`);
  await client.query(`DROP DATABASE ${scratchDatabase} WITH (FORCE)`);
}

/** Who works in the scratch database. */
export interface Worker {
  /** False for a login whom a limit of no connections would shut out, too. */
  readonly superuser: boolean;
  /** Role that the database belongs to. Default: who makes it. */
  readonly owner?: string;
}

/** An empty database, made as the source was, that only its owner and superusers get into. */
export async function makeScratch(client: Client, creation: Creation, { superuser, owner }: Worker): Promise<void> {
  await dropScratch(client);
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  await client.query(
    `CREATE DATABASE ${scratchDatabase} TEMPLATE template0 ${owner === undefined ? "" : `OWNER ${identifier(owner)}`}
     CONNECTION LIMIT ${superuser ? 0 : -1} ENCODING ${literal(creation.encoding)}
     LC_COLLATE ${literal(creation.collate)} LC_CTYPE ${literal(creation.ctype)}
     ${providerClause(creation, rows[0]?.version ?? 0)}`,
  );
  await client.query(`COMMENT ON DATABASE ${scratchDatabase} IS ${literal(scratchMark)}`);
  if (!superuser) await client.query(`REVOKE ALL ON DATABASE ${scratchDatabase} FROM PUBLIC`);
}

/** In one transaction: the owner's if that role exists, closed to all others, open, and known by its name. */
export async function publish(client: Client, owner: string, database: string): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [owner]);
  const statements = [
    `COMMENT ON DATABASE ${scratchDatabase} IS NULL`,
    ...(rowCount === 1 ? [`ALTER DATABASE ${scratchDatabase} OWNER TO ${identifier(owner)}`] : []),
    `REVOKE ALL ON DATABASE ${scratchDatabase} FROM PUBLIC`,
    `ALTER DATABASE ${scratchDatabase} CONNECTION LIMIT -1`,
    `ALTER DATABASE ${scratchDatabase} RENAME TO ${identifier(database)}`,
  ];
  await client.query(["BEGIN", ...statements, "COMMIT"].join(";\n"));
}
