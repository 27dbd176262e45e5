import type { Client } from "pg";
import { formatBytes } from "../../lib/text/format";
import { textFile } from "../../lib/text/text-file";
import type { Found, Task } from "./task";

/** What the server's statistics say of a table. */
export interface TableFigures {
  /** Rows, by the last vacuum or analyze; -1 if there was none yet. */
  readonly rows: number;
  readonly dead: number;
  readonly insertedSinceVacuum: number;
  readonly changedSinceAnalyze: number;
  /** Transactions since the oldest that is not frozen. */
  readonly age: number;
  /** `autovacuum_freeze_max_age` */
  readonly largestAge: number;
}

/**
 * Thresholds by autovacuum's own formula, `base + share · rows`, with half its default shares: what is done in a quiet hour, autovacuum need
 * not do in a busy one. https://www.postgresql.org/docs/15/routine-vacuuming.html
 */
const thresholds = {
  dead: { base: 50, share: 0.1 },
  inserted: { base: 1000, share: 0.1 },
  changed: { base: 50, share: 0.05 },
} as const;

/** Share of the age at which autovacuum would freeze in the middle of the day. */
const freezeShare = 0.5;

/** Why a table needs a vacuum, and whether it is time to freeze; undefined if it needs none. */
export function vacuumReason(table: TableFigures): { readonly reason: string; readonly freeze: boolean } | undefined {
  const rows = Math.max(0, table.rows);
  const over = (value: number, { base, share }: { base: number; share: number }): boolean =>
    value > base + share * rows;
  const freeze = table.age > freezeShare * table.largestAge;
  const reasons = [
    ...(freeze ? [`oldest transaction ${table.age} ago`] : []),
    ...(over(table.dead, thresholds.dead) ? [`${table.dead} dead rows`] : []),
    ...(over(table.insertedSinceVacuum, thresholds.inserted) ? [`${table.insertedSinceVacuum} rows inserted`] : []),
    ...(over(table.changedSinceAnalyze, thresholds.changed)
      ? [`${table.changedSinceAnalyze} changes not analyzed`]
      : []),
  ];
  return reasons.length === 0 ? undefined : { reason: reasons.join(", "), freeze };
}

interface Row {
  readonly name: string;
  readonly own: boolean;
  readonly owner: string;
  readonly bytes: string;
  readonly rows: number;
  readonly dead: string;
  readonly inserted: string;
  readonly changed: string;
  readonly age: number;
  readonly largest: number;
}

// By what the catalog says: functions that tell sizes wait for the lock of a table.
// Who owns the database may vacuum everything in it; of the catalogs, what is the cluster's only a superuser may.
const lookupQuery = textFile(__dirname, "tables.sql");

/** Tables of a session's database that need a vacuum, the most urgent first. */
export async function tablesToVacuum(client: Client): Promise<Found> {
  const { rows } = await client.query<Row>(lookupQuery);
  const tasks: Task[] = [];
  const skipped: Found["skipped"][number][] = [];
  for (const { name, own, owner, bytes, ...row } of rows) {
    const due = vacuumReason({
      rows: row.rows,
      dead: Number(row.dead),
      insertedSinceVacuum: Number(row.inserted),
      changedSinceAnalyze: Number(row.changed),
      age: row.age,
      largestAge: row.largest,
    });
    if (due === undefined) continue;
    const statement = `VACUUM (${due.freeze ? "FREEZE, " : ""}ANALYZE, SKIP_LOCKED) ${name}`;
    const reason = `${due.reason} (${formatBytes(Number(bytes))})`;
    if (own) tasks.push({ kind: "vacuum", name, statement, reason });
    else skipped.push({ name, reason: `it belongs to ${owner}` });
  }
  return { tasks, skipped };
}
