import { Failure } from "../../../lib/errors";
import { type DatabaseServer, inSession, isRemote, query } from "../../session/sql";
import { type Contents, contentsOf } from "./contents";
import type { Creation } from "../store/manifest";

/** What is to be known of a database before it is dumped. */
export interface Source {
  readonly serverVersion: string;
  /** Undefined if a service does not tell. */
  readonly lsn: string | undefined;
  /** On disk, with its indexes. */
  readonly bytes: number;
  readonly creation: Creation;
  readonly contents: Contents;
}

interface Row {
  readonly version: string;
  readonly bytes: string;
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** Absent before PostgreSQL 15. */
  readonly provider: string | null;
  readonly locale: string | null;
}

// Through JSON, since the columns of the provider came with 15, and one was renamed with 17.
const statement = `SELECT current_setting('server_version') AS version,
    pg_database_size(oid)::text AS bytes, pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding,
    datcollate AS collate, datctype AS ctype, to_jsonb(d) ->> 'datlocprovider' AS provider,
    coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale
  FROM pg_database d WHERE datname = $1`;

const providers: Readonly<Record<string, Creation["provider"]>> = { c: "libc", i: "icu", b: "builtin" };

/** @throws Failure if the server has no such database, or is not the primary */
export async function sourceOf(server: DatabaseServer, database: string): Promise<Source> {
  // A login of a job's enters no other database.
  const home = isRemote(server) ? database : undefined;
  const [row] = await inSession(server, async (client) => (await client.query<Row>(statement, [database])).rows, home);
  if (row === undefined) throw new Failure(`there is no database ${database}`);
  const { version, bytes, owner, encoding, collate, ctype, provider, locale } = row;
  const creation = { owner, encoding, collate, ctype, provider: providers[provider ?? "c"] ?? "libc", locale };
  const lsn = await currentLsn(server);
  return { serverVersion: version, lsn, bytes: Number(bytes), creation, contents: await contentsOf(server, database) };
}

/** SQLSTATEs of a service that has no WAL to speak of (Aurora), and of a replica. */
const noLsn: readonly unknown[] = ["0A000", "55000"];

/** Where the primary's WAL ends now; undefined if a service does not tell. */
export async function currentLsn(server: DatabaseServer): Promise<string | undefined> {
  try {
    const [row] = await query<{ lsn: string }>(server, "SELECT pg_current_wal_lsn()::text AS lsn");
    return row?.lsn;
  } catch (error) {
    if (isRemote(server) && noLsn.includes((error as { code?: unknown }).code)) return undefined;
    throw error;
  }
}
