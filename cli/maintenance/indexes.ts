import type { Client } from "pg";
import { formatBytes } from "../../lib/text/format";
import { textFile } from "../../lib/text/text-file";
import { type Bloat, bloatOf, type IndexFigures, isBloated, measuredBloat } from "./bloat";
import type { Found, Skipped, Task } from "./task";

interface InvalidRow {
  readonly name: string;
  readonly own: boolean;
  readonly owner: string;
  /** What a REINDEX CONCURRENTLY that was interrupted has left. */
  readonly leftover: boolean;
  /** Another session builds an index or vacuums: this one may be its work. */
  readonly busy: boolean;
}

const invalid = textFile(__dirname, "invalid-indexes.sql");

/** Indexes that no query uses: to be built again, or, where they are a rest of such a build, to be dropped. */
export async function invalidIndexes(client: Client): Promise<Found> {
  const { rows } = await client.query<InvalidRow>(invalid);
  const tasks: Task[] = [];
  const skipped: Skipped[] = [];
  for (const { name, own, owner, leftover, busy } of rows) {
    if (!own) skipped.push({ name, reason: `it is invalid, and belongs to ${owner}` });
    else if (busy) skipped.push({ name, reason: "it is invalid, but another session is changing its table" });
    else if (leftover)
      tasks.push({
        kind: "drop",
        name,
        statement: `DROP INDEX CONCURRENTLY ${name}`,
        reason: "left over from an interrupted rebuild",
      });
    else tasks.push({ kind: "reindex", name, statement: `REINDEX INDEX CONCURRENTLY ${name}`, reason: "invalid" });
  }
  return { tasks, skipped };
}

interface BtreeRow {
  readonly oid: string;
  readonly name: string;
  readonly own: boolean;
  readonly owner: string;
  readonly bytes: string;
  readonly rows: number;
  readonly fill_factor: number;
  readonly width: number;
  readonly nullable: boolean;
  readonly page: number;
}

// Of a column of the table, statistics are under the table's name; of an expression, under the index's.
const btrees = textFile(__dirname, "btrees.sql");

const tuples = textFile(__dirname, "pgstattuple.sql");

/**
 * pgstattuple's function, where the extension is there and we may use it. Not in a schema of an owner's: he can exchange the
 * schema before the call.
 */
async function measuring(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(tuples);
  return rows[0]?.name;
}

/** The estimate stands if another session holds the index. */
async function measure(client: Client, how: string, index: IndexFigures & { oid: string }): Promise<Bloat> {
  const sql = `SELECT avg_leaf_density AS density FROM ${how}($1::oid::regclass)`;
  const answer = await client.query<{ density: number }>(sql, [index.oid]).catch(() => undefined);
  const density = answer?.rows[0]?.density;
  return density === undefined ? bloatOf(index) : measuredBloat(index, density);
}

/** B-trees that are mostly air, the one with the most of it first: estimated, and measured if pgstattuple is there. */
export async function bloatedIndexes(client: Client): Promise<Found> {
  const { rows } = await client.query<BtreeRow>(btrees);
  const how = await measuring(client);
  const found: { name: string; own: boolean; owner: string; bloat: Bloat }[] = [];
  for (const row of rows) {
    const { rows: entries, width, nullable, fill_factor: fillFactor, page } = row;
    const figures = { rows: entries, width, nullable, fillFactor, page, bytes: Number(row.bytes) };
    if (!isBloated(bloatOf(figures))) continue;
    const bloat =
      how === undefined || !row.own ? bloatOf(figures) : await measure(client, how, { ...figures, oid: row.oid });
    if (isBloated(bloat)) found.push({ name: row.name, own: row.own, owner: row.owner, bloat });
  }
  const text = ({ share, bytes }: Bloat): string => `${Math.round(share * 100)} % air (${formatBytes(bytes)})`;
  return {
    tasks: found
      .filter(({ own }) => own)
      .toSorted((left, right) => right.bloat.bytes - left.bloat.bytes)
      .map(({ name, bloat }) => ({
        kind: "reindex",
        name,
        statement: `REINDEX INDEX CONCURRENTLY ${name}`,
        reason: text(bloat),
      })),
    skipped: found
      .filter(({ own }) => !own)
      .map(({ name, owner, bloat }) => ({ name, reason: `${text(bloat)}, and it belongs to ${owner}` })),
  };
}
