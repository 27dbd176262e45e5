import { defineSqlSet, epoch, flag, queriesOf } from "../sql-set";
import { lockedRelations, placesOf, sizeOf } from "./relations";

const query = queriesOf<"tables">();

/** An option of a table, or the server's setting. */
const option = (name: string): string =>
  `coalesce((SELECT o.option_value FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = '${name}'), current_setting('${name}'))`;

/** Dead rows at which autovacuum starts; since PostgreSQL 18 there is a largest number. */
const trigger = `least(${option("autovacuum_vacuum_threshold")}::float8 + ${option("autovacuum_vacuum_scale_factor")}::float8 * greatest(c.reltuples, 0), nullif(current_setting('autovacuum_vacuum_max_threshold', true), '-1')::float8)`;

const autovacuumOff =
  "EXISTS (SELECT FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = 'autovacuum_enabled' AND NOT o.option_value::boolean)";

const source =
  "pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid AND c.relkind IN ('r', 'm') JOIN pg_statio_user_tables io ON io.relid = s.relid";

/** Every five minutes: the statistics of thousands of tables take a moment. */
export const tables = defineSqlSet({
  name: "tables",
  interval: 300,
  scope: "database",
  queries: ({ databases }) => [
    query({
      with: lockedRelations,
      labels: { datname: "current_database()", schemaname: "s.schemaname", relname: "s.relname" },
      values: {
        pg_stat_user_tables_seq_scan: "s.seq_scan",
        pg_stat_user_tables_seq_tup_read: "s.seq_tup_read",
        pg_stat_user_tables_idx_scan: "s.idx_scan",
        pg_stat_user_tables_n_tup_ins: "s.n_tup_ins",
        pg_stat_user_tables_n_tup_upd: "s.n_tup_upd",
        pg_stat_user_tables_n_tup_del: "s.n_tup_del",
        pg_stat_user_tables_n_tup_hot_upd: "s.n_tup_hot_upd",
        pg_stat_user_tables_n_live_tup: "s.n_live_tup",
        pg_stat_user_tables_n_dead_tup: "s.n_dead_tup",
        pg_stat_user_tables_n_mod_since_analyze: "s.n_mod_since_analyze",
        pg_stat_user_tables_last_autovacuum: `coalesce(${epoch("s.last_autovacuum")}, 0)`,
        pg_stat_user_tables_last_autoanalyze: `coalesce(${epoch("s.last_autoanalyze")}, 0)`,
        pg_stat_user_tables_autovacuum_count: "s.autovacuum_count",
        pg_stat_user_tables_table_size_bytes: `${sizeOf("c")} + coalesce((SELECT ${sizeOf("t")} FROM pg_class t WHERE t.oid = c.reltoastrelid), 0)`,
        pg_stat_user_tables_index_size_bytes: `coalesce((SELECT sum(${sizeOf("i")}) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid), 0)`,
        pg_statio_user_tables_heap_blocks_read: "io.heap_blks_read",
        pg_statio_user_tables_heap_blocks_hit: "io.heap_blks_hit",
        pg_statio_user_tables_idx_blocks_read: "io.idx_blks_read",
        pg_statio_user_tables_idx_blocks_hit: "io.idx_blks_hit",
        howdah_table_vacuum_urgency: `s.n_dead_tup / greatest(${trigger}, 1)`,
        howdah_table_xid_age: "age(nullif(c.relfrozenxid, '0'))",
      },
      from: source,
      places: {
        limit: placesOf(databases),
        by: "pg_stat_user_tables_table_size_bytes",
        rest: { schemaname: "", relname: "other" },
      },
    }),
    query({
      labels: { datname: "current_database()" },
      values: {
        howdah_tables: "count(*)",
        howdah_tables_vacuum_due: `count(*) FILTER (WHERE s.n_dead_tup > ${trigger})`,
        howdah_tables_autovacuum_disabled: `count(*) FILTER (WHERE ${autovacuumOff})`,
        howdah_tables_never_analyzed:
          "count(*) FILTER (WHERE s.n_live_tup > 10000 AND s.last_analyze IS NULL AND s.last_autoanalyze IS NULL)",
        howdah_tables_unlogged: "count(*) FILTER (WHERE c.relpersistence = 'u')",
        howdah_triggers_disabled: `coalesce(sum((SELECT sum(${flag("g.tgenabled = 'D'")}) FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal)), 0)`,
      },
      from: "pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid AND c.relkind IN ('r', 'm')",
    }),
  ],
});
