import { Failure } from "../../tools/failure";
import { query, type SocketServer } from "../sql";
import type { Creation } from "./manifest";

/** What is to be known of a database before it is dumped. */
export interface Source {
  readonly serverVersion: string;
  readonly lsn: string;
  /** On disk, with its indexes. */
  readonly bytes: number;
  readonly creation: Creation;
}

interface Row {
  readonly version: string;
  readonly lsn: string;
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
const look = `SELECT current_setting('server_version') AS version, pg_current_wal_lsn()::text AS lsn,
    pg_database_size(oid)::text AS bytes, pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding,
    datcollate AS collate, datctype AS ctype, to_jsonb(d) ->> 'datlocprovider' AS provider,
    coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale
  FROM pg_database d WHERE datname = $1`;

const providers: Readonly<Record<string, Creation["provider"]>> = { c: "libc", i: "icu", b: "builtin" };

/** @throws Failure where the server has no such database, or is not the primary */
export async function sourceOf(server: SocketServer, database: string): Promise<Source> {
  const [row] = await query<Row>(server, look, [database]);
  if (row === undefined) throw new Failure(`there is no database ${database}`);
  const { version, lsn, bytes, owner, encoding, collate, ctype, provider, locale } = row;
  const creation = { owner, encoding, collate, ctype, provider: providers[provider ?? "c"] ?? "libc", locale };
  return { serverVersion: version, lsn, bytes: Number(bytes), creation };
}

/** Where the primary's WAL ends now. */
export async function currentLsn(server: SocketServer): Promise<string> {
  const [row] = await query<{ lsn: string }>(server, "SELECT pg_current_wal_lsn()::text AS lsn");
  if (row === undefined) throw new Error("no LSN");
  return row.lsn;
}
