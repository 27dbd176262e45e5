import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Client } from "pg";
import { to as copyTo } from "pg-copy-streams";
import { socketLogins } from "../../components/backup/socket-logins";
import { messageOf } from "../../lib/errors";
import { count } from "../../lib/text/format";
import { asLogin, inSession, type SocketServer } from "../session/sql";
import { MB } from "../../lib/units";

/**
 * Tables looked at per database, and bytes: of the largest on disk, and of what is read of each. A drill may not read a whole
 * warehouse, and the catalog does not say how much becomes of what is stored compressed, or has grown since it was written down.
 */
const limits = { tables: 20, bytes: 64 * MB } as const;

/** A table of a database, quoted for SQL. */
export interface Table {
  readonly database: string;
  readonly name: string;
}

/** The rows of a table, as far as they are read, or why they could not be; undefined if it is gone, or locked. */
export type Digest = { readonly rows: number; readonly sha256: string } | { readonly trouble: string } | undefined;

/** SQLSTATEs: no such table, no such schema, and a lock that was not to be had in time. */
const passing: readonly unknown[] = ["42P01", "3F000", "55P03"];

/** The text of a row depends on these, which two servers may have set differently; and its place in the stream on the last one. */
const sameText = [
  "TimeZone = 'UTC'",
  "DateStyle = 'ISO'",
  "IntervalStyle = 'iso_8601'",
  "bytea_output = 'hex'",
  "extra_float_digits = 3",
  "synchronize_seqscans = off",
];

/** A migration may hold a table for hours. */
const lockWait = "lock_timeout = '5s'";

const settings = [...sameText, lockWait, "default_transaction_read_only = on"].map((one) => `SET ${one}`).join("; ");

/** A session of a login that is not a superuser and sees every row. */
const session = <T>(server: SocketServer, database: string, work: (client: Client) => Promise<T>): Promise<T> =>
  inSession(
    asLogin(server, socketLogins.reader),
    async (client) => {
      await client.query(settings);
      return work(client);
    },
    database,
  );

// By what the catalog says: a function that tells a size waits for the lock of the table.
const listing = `SELECT format('%I.%I', n.nspname, c.relname) AS name, c.reltuples >= 0 AS known
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND (c.relpages::bigint + coalesce(t.relpages, 0)) * current_setting('block_size')::int <= $1 ORDER BY random() LIMIT $2`;

/** Whether a table that was never analyzed is small enough; no if it cannot be asked. */
async function isSmall(client: Client, name: string): Promise<boolean> {
  const sql = "SELECT pg_table_size($1::regclass) <= $2 AS small";
  const answer = await client.query<{ small: boolean }>(sql, [name, limits.bytes]).catch(() => undefined);
  return answer?.rows[0]?.small === true;
}

/** Tables to compare, drawn by chance in every database. */
export async function drawTables(server: SocketServer, databases: readonly string[]): Promise<Table[]> {
  const drawn: Table[] = [];
  for (const database of databases)
    await session(server, database, async (client) => {
      const { rows } = await client.query<{ name: string; known: boolean }>(listing, [limits.bytes, limits.tables]);
      for (const { name, known } of rows) if (known || (await isSmall(client, name))) drawn.push({ database, name });
    });
  return drawn;
}

const newline = 10;

/**
 * Reads a table as it lies on disk, or as much of it as `limit` bytes. COPY of a table calls nothing of its owner's: no cast, no
 * policy, and no function of an index, which a SELECT would call while it is planned, where its arguments are constants.
 */
async function digestOf(client: Client, name: string, limit: number): Promise<Digest> {
  const hash = createHash("sha256");
  let [rows, left] = [0, limit];
  for await (const chunk of client.query(copyTo(`COPY ${name} TO STDOUT`))) {
    const bytes = (chunk as Buffer).subarray(0, left);
    hash.update(bytes);
    // In COPY's text format, a row's own line breaks are escaped.
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) rows++;
    left -= bytes.length;
    if (left === 0) break;
  }
  return { rows, sha256: hash.digest("hex") };
}

/**
 * The digest of each table, in their order. Each has a session of its own: if only a part is read, its end ends the rest.
 * @param limit bytes that are read of each
 */
export async function digestTables(
  server: SocketServer,
  tables: readonly Table[],
  limit: number = limits.bytes,
): Promise<Digest[]> {
  const found: Digest[] = [];
  for (const { database, name } of tables) {
    const failed = (error: unknown): Digest =>
      passing.includes((error as { code?: unknown }).code) ? undefined : { trouble: messageOf(error) };
    found.push(await session(server, database, (client) => digestOf(client, name, limit)).catch(failed));
  }
  return found;
}

export interface Comparison {
  /** Quiet tables that are the same on both servers. */
  readonly equal: number;
  /** Tables that were written to, dropped or locked meanwhile, and so cannot be compared. */
  readonly busy: number;
  /** Tables that could not be read on the primary, and why. */
  readonly unread: readonly string[];
  /** Quiet tables that differ: `app: app.orders has 3 rows instead of 4`. */
  readonly different: readonly string[];
}

const isSame = (left: Digest, right: Digest): boolean =>
  left !== undefined && "rows" in left && right !== undefined && "rows" in right && isDeepStrictEqual(left, right);

/** What a restored server has that differs from the `rows` of a quiet table. */
function difference(restored: Digest, rows: number): string {
  if (restored === undefined) return "is missing";
  if ("trouble" in restored) return `cannot be read: ${restored.trouble}`;
  return restored.rows === rows
    ? `has different values in its ${count(rows, "row")}`
    : `has ${count(restored.rows, "row")} instead of ${rows}`;
}

/**
 * Compares the tables that were not written to: those with the same digest before the restore and after it.
 * @param before digests on the primary when the drill began
 * @param after the same, once the restored server was up
 * @param restored digests on the restored server
 */
export function compareDigests(
  tables: readonly Table[],
  { before, after, restored }: Readonly<Record<"before" | "after" | "restored", readonly Digest[]>>,
): Comparison {
  let [equal, busy] = [0, 0];
  const unread: string[] = [];
  const different: string[] = [];
  for (const [at, { database, name }] of tables.entries()) {
    const first = before[at];
    if (first !== undefined && "trouble" in first) unread.push(`${database}: ${name}: ${first.trouble}`);
    else if (first === undefined || !isSame(first, after[at])) busy++;
    else if (isSame(first, restored[at])) equal++;
    else different.push(`${database}: ${name} ${difference(restored[at], first.rows)}`);
  }
  return { equal, busy, unread, different };
}
