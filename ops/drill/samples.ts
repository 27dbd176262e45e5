import type { Client } from "pg";
import { inSession, type SocketServer } from "../sql";

/** Tables looked at per database, and the largest of them: a drill may not read a whole warehouse. */
const limits = { tables: 20, bytes: 64 * 1024 ** 2 } as const;

/** A table of a database, quoted for SQL. */
export interface Table {
  readonly database: string;
  readonly name: string;
}

/** Rows of a table, and a sum of their hashes that does not depend on their order; undefined where it cannot be read. */
export type Digest = string | undefined;

/** Text of a row depends on these, which two servers may have set differently. */
const sameText =
  "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex'; SET extra_float_digits = 3";

/** The least that can read every table; a session that only reads cannot be made to write by what it reads. */
const readOnly = "SET default_transaction_read_only = on; SET ROLE pg_read_all_data";

async function session<T>(server: SocketServer, database: string, work: (client: Client) => Promise<T>): Promise<T> {
  const read = async (client: Client): Promise<T> => {
    await client.query(`${sameText}; ${readOnly}`);
    return work(client);
  };
  return inSession(server, read, database);
}

const listing = `SELECT format('%I.%I', n.nspname, c.relname) AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND pg_relation_size(c.oid) <= $1 ORDER BY random() LIMIT $2`;

/** Tables to compare, drawn by chance in every database. */
export async function drawTables(server: SocketServer, databases: readonly string[]): Promise<Table[]> {
  const drawn: Table[] = [];
  for (const database of databases) {
    const rows = await session(server, database, (client) =>
      client.query<{ name: string }>(listing, [limits.bytes, limits.tables]),
    );
    drawn.push(...rows.rows.map(({ name }) => ({ database, name })));
  }
  return drawn;
}

const digesting = (name: string): string =>
  `SELECT count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS digest FROM ${name} t`;

/** The digest of each table, in their order. */
export async function digestTables(server: SocketServer, tables: readonly Table[]): Promise<Digest[]> {
  const found = new Map<Table, Digest>();
  for (const database of new Set(tables.map((table) => table.database))) {
    const own = tables.filter((table) => table.database === database);
    await session(server, database, async (client) => {
      for (const table of own) {
        const answer = await client.query<{ digest: string }>(digesting(table.name)).catch(() => undefined);
        found.set(table, answer?.rows[0]?.digest);
      }
    }).catch(() => undefined);
  }
  return tables.map((table) => found.get(table));
}

export interface Comparison {
  /** Quiet tables that are the same on both servers. */
  readonly equal: number;
  /** Tables that were written to meanwhile: nothing can be said of them. */
  readonly busy: number;
  /** Quiet tables that differ: `database.table: 3 rows, … instead of …`. */
  readonly different: readonly string[];
}

/**
 * Compares the tables that nobody wrote to: those with the same digest before the restore and after it.
 * @param before digests on the primary when the drill began
 * @param after the same, once the restored server was up
 * @param restored digests on the restored server
 */
export function compareDigests(
  tables: readonly Table[],
  { before, after, restored }: Readonly<Record<"before" | "after" | "restored", readonly Digest[]>>,
): Comparison {
  const quiet = tables.map((_, at) => before[at] !== undefined && before[at] === after[at]);
  const different = tables.flatMap(({ database, name }, at) =>
    quiet[at] === true && restored[at] !== before[at]
      ? [`${database}: ${name} has ${restored[at] ?? "no such table"} instead of ${before[at] ?? ""}`]
      : [],
  );
  const calm = quiet.filter(Boolean).length;
  return { equal: calm - different.length, busy: tables.length - calm, different };
}
