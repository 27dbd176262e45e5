import type { Client } from "pg";
import { formatBytes } from "../../lib/format";
import { type Bloat, bloatOf, type IndexFigures, isBloated, measuredBloat } from "./bloat";
import type { Found, Skipped, Task } from "./task";

interface InvalidRow {
  readonly name: string;
  readonly own: boolean;
  readonly owner: string;
  /** What a REINDEX CONCURRENTLY that was cut short has left. */
  readonly leftover: boolean;
  /** Somebody builds or vacuums: it may be that one's. */
  readonly busy: boolean;
}

const invalid = `SELECT format('%I.%I', n.nspname, c.relname) AS name, pg_has_role(c.relowner, 'USAGE') AS own,
    pg_get_userbyid(c.relowner) AS owner, c.relname ~ '_cc(new|old)[0-9]*$' AS leftover,
    EXISTS (SELECT FROM pg_locks l WHERE l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock'
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS busy
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname !~ '^pg_' AND NOT i.indisexclusion ORDER BY name`;

/** Indexes that no query uses: to be built anew, or, where they are a rest of such a build, to be dropped. */
export async function invalidIndexes(client: Client): Promise<Found> {
  const { rows } = await client.query<InvalidRow>(invalid);
  const tasks: Task[] = [];
  const skipped: Skipped[] = [];
  for (const { name, own, owner, leftover, busy } of rows) {
    if (!own) skipped.push({ name, reason: `it is invalid, and belongs to ${owner}` });
    else if (busy) skipped.push({ name, reason: "it is invalid, and somebody is at work on its table" });
    else if (leftover)
      tasks.push({
        kind: "drop",
        name,
        statement: `DROP INDEX CONCURRENTLY ${name}`,
        reason: "left by a rebuild that was cut short",
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
const btrees = `WITH btree AS (
    SELECT i.*, c.relname AS index_name, t.relname AS table_name, n.nspname, c.relowner, c.reltuples, c.relpages,
      coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'), '90')::int
        AS fill_factor
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
    WHERE a.amname = 'btree' AND c.relkind = 'i' AND i.indisvalid AND i.indisready AND NOT i.indisexclusion
      AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND c.reltuples >= 0
  )
  SELECT b.indexrelid::text AS oid, format('%I.%I', b.nspname, b.index_name) AS name,
    pg_has_role(b.relowner, 'USAGE') AS own, pg_get_userbyid(b.relowner) AS owner, (b.relpages::bigint * current_setting('block_size')::int)::text AS bytes, b.reltuples AS rows, b.fill_factor,
    sum((1 - s.null_frac) * s.avg_width)::float8 AS width, bool_or(s.null_frac > 0) AS nullable,
    current_setting('block_size')::int AS page
  FROM btree b JOIN pg_attribute ia ON ia.attrelid = b.indexrelid
    LEFT JOIN pg_attribute ta ON ta.attrelid = b.indrelid AND ta.attnum = b.indkey[ia.attnum - 1]
      AND b.indkey[ia.attnum - 1] <> 0
    LEFT JOIN pg_stats s ON s.schemaname = b.nspname AND NOT s.inherited
      AND (s.tablename, s.attname) = (CASE WHEN ta.attname IS NULL THEN b.index_name ELSE b.table_name END,
        coalesce(ta.attname, ia.attname))
  GROUP BY b.indexrelid, b.nspname, b.index_name, b.relowner, b.reltuples, b.relpages, b.fill_factor
  HAVING count(*) = count(s.avg_width)`;

const tuples = `SELECT format('%I.pgstatindex', n.nspname) AS name FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pgstattuple'
  WHERE n.nspowner IN (SELECT oid FROM pg_roles WHERE rolsuper) AND p.proname = 'pgstatindex' AND p.proargtypes = ARRAY['regclass'::regtype]::oidvector
    AND has_function_privilege(p.oid, 'EXECUTE') AND has_schema_privilege(n.oid, 'USAGE')`;

/**
 * pgstattuple's function, where the extension is there and we may use it. Not in a schema of an owner's: he can exchange the
 * schema before the call.
 */
async function measuring(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(tuples);
  return rows[0]?.name;
}

/** The estimate stands where somebody holds the index. */
async function measure(client: Client, how: string, index: IndexFigures & { oid: string }): Promise<Bloat> {
  const sql = `SELECT avg_leaf_density AS density FROM ${how}($1::oid::regclass)`;
  const answer = await client.query<{ density: number }>(sql, [index.oid]).catch(() => undefined);
  const density = answer?.rows[0]?.density;
  return density === undefined ? bloatOf(index) : measuredBloat(index, density);
}

/** B-trees that are mostly air, the one with the most of it first: estimated, and measured where pgstattuple is there. */
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
