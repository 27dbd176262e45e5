import { defineSqlSet, queriesOf } from "../sql-set";
import { isUsers, lockedRelations, placesOf, relationsLocked, sizeOf } from "./relations";

const query = queriesOf<"indexes">();

const source = `pg_index x JOIN pg_class i ON i.oid = x.indexrelid AND i.relkind = 'i' JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace AND ${isUsers("n")}`;

/** Nothing but a scan needs it: indexes of constraints, those that a foreign key refers to among them, are unique or exclude. */
const unused = "pg_stat_get_numscans(x.indexrelid) = 0 AND NOT x.indisunique AND NOT x.indisexclusion";

export const indexes = defineSqlSet({
  name: "indexes",
  interval: 3600,
  scope: "database",
  queries: ({ databases }) => [
    query({
      with: lockedRelations,
      labels: {
        datname: "current_database()",
        schemaname: "n.nspname",
        relname: "t.relname",
        indexrelname: "i.relname",
      },
      values: {
        howdah_index_scans_total: "pg_stat_get_numscans(x.indexrelid)",
        howdah_index_size_bytes: sizeOf("i"),
      },
      from: source,
      places: { limit: placesOf(databases), by: "howdah_index_size_bytes" },
    }),
    query({
      with: lockedRelations,
      labels: { datname: "current_database()" },
      values: {
        howdah_indexes: "count(*)",
        howdah_indexes_invalid: "count(*) FILTER (WHERE NOT x.indisvalid)",
        howdah_indexes_unused: `count(*) FILTER (WHERE ${unused})`,
        howdah_indexes_unused_bytes: `coalesce(sum(${sizeOf("i")}) FILTER (WHERE ${unused}), 0)`,
        // Each expression is turned into text once: in pairs, a table with hundreds of long ones would take minutes.
        howdah_indexes_duplicate: `(SELECT coalesce(sum(alike.count - 1), 0) FROM (SELECT count(*) FROM ${source} GROUP BY x.indrelid, x.indkey::text, x.indclass::text, x.indcollation::text, x.indoption::text, i.relam, md5(coalesce(x.indexprs::text, '')), md5(coalesce(x.indpred::text, ''))) alike)`,
      },
      from: source,
    }),
  ],
});

const bloatOf = queriesOf<"bloat">();

const blockSize = "current_setting('block_size')::float8";
/** Bytes of a block that are not for rows: its header. */
const room = `(${blockSize} - 24)`;
/** Rounds up to the alignment of rows. */
const aligned = (bytes: string): string => `(ceil((${bytes}) / 8.0) * 8)`;
const fill = (usual: number): string =>
  `coalesce((SELECT o.option_value::float8 FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = 'fillfactor'), ${usual}) / 100`;

/** Width of a row's data, as ANALYZE has seen it; null unless it has seen each column. @param owner of the statistics */
const width = (owner: string): string =>
  `(SELECT CASE WHEN count(*) = count(s.stawidth) THEN sum((1 - s.stanullfrac) * s.stawidth) END FROM pg_attribute a LEFT JOIN LATERAL (SELECT stawidth, stanullfrac FROM pg_statistic WHERE ${owner} AND NOT stainherit) s ON true WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`;

const tableColumn = "starelid = c.oid AND staattnum = a.attnum";
/** A column of an index has the statistics of the table's column; an expression has its own. */
const indexColumn =
  "(starelid, staattnum) = (SELECT CASE WHEN x.indkey[a.attnum - 1] = 0 THEN c.oid ELSE x.indrelid END, CASE WHEN x.indkey[a.attnum - 1] = 0 THEN a.attnum ELSE x.indkey[a.attnum - 1] END)";

/** Blocks that the rows need; a row has a header of 24 bytes and a pointer of 4. */
const tableBlocks = `ceil(c.reltuples * (4 + ${aligned("24 + e.width")}) / (${room} * ${fill(100)}))`;
/** Blocks of a B-tree: an entry has a header of 8 bytes and a pointer of 4; inner pages are one in a hundred. */
const indexBlocks = `1 + ceil(1.01 * c.reltuples * (4 + ${aligned("8 + e.width")}) / ((${room} - 16) * ${fill(90)}))`;

const values = (blocks: string, kind: "table" | "index") => ({
  [`howdah_${kind}_bloat_bytes`]: `greatest(0, c.relpages - ${blocks}) * ${blockSize}`,
  [`howdah_${kind}_bloat_ratio`]: `greatest(0, c.relpages - ${blocks}) / greatest(c.relpages, 1)`,
});

/** Less than this is not worth an action. */
const smallest = "c.relpages > 16 AND c.reltuples >= 0";

export const bloat = defineSqlSet({
  name: "bloat",
  interval: 3600,
  scope: "database",
  // It reads the widths, which a superuser grants, and not the values that ANALYZE has seen.
  when: "NOT pg_is_in_recovery()",
  queries: ({ databases }) => [
    bloatOf({
      labels: { datname: "current_database()", schemaname: "n.nspname", relname: "c.relname" },
      values: values(tableBlocks, "table"),
      from: `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND ${isUsers("n")}, LATERAL (SELECT ${width(tableColumn)} AS width) e WHERE c.relkind IN ('r', 'm') AND ${smallest} AND e.width IS NOT NULL`,
      places: { limit: placesOf(databases), by: "howdah_table_bloat_bytes" },
    }),
    bloatOf({
      labels: {
        datname: "current_database()",
        schemaname: "n.nspname",
        relname: "t.relname",
        indexrelname: "c.relname",
      },
      values: values(indexBlocks, "index"),
      from: `pg_index x JOIN pg_class c ON c.oid = x.indexrelid AND c.relkind = 'i' JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree' JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace AND ${isUsers("n")}, LATERAL (SELECT ${width(indexColumn)} AS width) e WHERE ${smallest} AND e.width IS NOT NULL`,
      places: { limit: placesOf(databases), by: "howdah_index_bloat_bytes" },
    }),
  ],
});

const sequenceOf = queriesOf<"sequences">();

/** Sequences with series of their own, of those that are nearest to their end. */
const sequencePlaces = 20;

const readable =
  "has_sequence_privilege(s.seqrelid, 'SELECT') AND c.relpersistence = 'p' AND NOT EXISTS (SELECT FROM locked WHERE locked.relation = s.seqrelid)";
/** As a session that alters one does. */
const locked = relationsLocked(["ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]);
const last = `CASE WHEN ${readable} THEN pg_sequence_last_value(s.seqrelid) END`;
const allSequences = `pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace AND ${isUsers("n")}`;

export const sequences = defineSqlSet({
  name: "sequences",
  interval: 3600,
  scope: "database",
  when: "NOT pg_is_in_recovery()",
  queries: () => [
    sequenceOf({
      with: locked,
      labels: { datname: "current_database()", schemaname: "n.nspname", sequencename: "c.relname" },
      values: {
        howdah_sequence_used_ratio: `coalesce(((${last})::float8 - CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END) / nullif(CASE WHEN s.seqincrement > 0 THEN s.seqmax::float8 - s.seqmin ELSE s.seqmin::float8 - s.seqmax END, 0), 0)`,
      },
      from: `${allSequences} WHERE ${readable} AND NOT s.seqcycle`,
      places: { limit: sequencePlaces, by: "howdah_sequence_used_ratio" },
    }),
    sequenceOf({
      with: locked,
      labels: {
        datname: "current_database()",
        schemaname: "n.nspname",
        relname: "t.relname",
        attname: "a.attname",
      },
      values: {
        howdah_integer_key_used_ratio: `max(coalesce(${last}, 0)::float8 / CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END)`,
      },
      from: `${allSequences} JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE ${readable} AND s.seqincrement > 0 AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) GROUP BY 1, 2, 3, 4`,
      places: { limit: sequencePlaces, by: "howdah_integer_key_used_ratio" },
    }),
    sequenceOf({
      labels: { datname: "current_database()" },
      values: {
        howdah_sequences_unreadable: "count(*) FILTER (WHERE NOT has_sequence_privilege(s.seqrelid, 'SELECT'))",
      },
      from: allSequences,
    }),
  ],
});
