import { counter, gauge, group, type MetricDefinition } from "../definition";

const server = ["server"] as const;
const perDatabase = ["server", "datname"] as const;
const table = ["server", "datname", "schemaname", "relname"] as const;
const index = ["server", "datname", "schemaname", "relname", "indexrelname"] as const;
const progress = ["server", "datname", "relname"] as const;
const statement = ["server", "user", "datname", "queryid"] as const;

/** Statements, maintenance, and the objects of each database. */
export const objectMetrics = {
  // Statements of pg_stat_statements: up to 100, each for at least a day, the rest as queryid `other`.
  ...group("statements", statement, {
    pg_stat_statements_calls_total: counter("Executions."),
    pg_stat_statements_seconds_total: counter("Time of executions.", "seconds"),
    pg_stat_statements_rows_total: counter("Rows returned or changed."),
    pg_stat_statements_block_read_seconds_total: counter("Time of reading blocks.", "seconds"),
    pg_stat_statements_block_write_seconds_total: counter("Time of writing blocks.", "seconds"),
    howdah_statement_wal_bytes_total: counter("WAL of the statement.", "bytes"),
    howdah_statement_temp_blocks_total: counter("Temporary blocks read and written.", "blocks"),
    howdah_statement_blocks_hit_total: counter("Blocks found in shared buffers.", "blocks"),
    howdah_statement_blocks_read_total: counter("Blocks read.", "blocks"),
  }),
  ...group("statements", server, {
    howdah_statements: gauge("Statements that pg_stat_statements holds."),
    howdah_statement_evictions_total: counter("Times that pg_stat_statements has evicted statements."),
  }),

  // Progress of maintenance.
  ...group("progress", [...progress, "phase"] as const, {
    pg_stat_progress_vacuum_phase: gauge("1 for the phase that a vacuum is in.", "boolean"),
  }),
  ...group("progress", progress, {
    pg_stat_progress_vacuum_heap_blks: gauge("Blocks of the table.", "blocks"),
    pg_stat_progress_vacuum_heap_blks_scanned: gauge("Blocks that have been scanned.", "blocks"),
    pg_stat_progress_vacuum_heap_blks_vacuumed: gauge("Blocks that have been vacuumed.", "blocks"),
    pg_stat_progress_vacuum_index_vacuums: gauge("Rounds over the indexes."),
    pg_stat_progress_vacuum_max_dead_tuples: gauge("Dead rows that fit into memory (bytes since PostgreSQL 17)."),
    pg_stat_progress_vacuum_num_dead_tuples: gauge("Dead rows that have been found."),
    howdah_index_build_blocks_total: gauge("Blocks that an index build has to read.", "blocks"),
    howdah_index_build_blocks_done: gauge("Blocks that an index build has read.", "blocks"),
  }),
  ...group("progress", perDatabase, {
    howdah_index_builds: gauge("Index builds that run."),
  }),

  // Tables of each database: the 50 largest, the rest as relname `other`.
  ...group("tables", table, {
    pg_stat_user_tables_seq_scan: counter("Sequential scans."),
    pg_stat_user_tables_seq_tup_read: counter("Rows read by sequential scans."),
    pg_stat_user_tables_idx_scan: counter("Index scans."),
    pg_stat_user_tables_n_tup_ins: counter("Rows inserted."),
    pg_stat_user_tables_n_tup_upd: counter("Rows updated."),
    pg_stat_user_tables_n_tup_del: counter("Rows deleted."),
    pg_stat_user_tables_n_tup_hot_upd: counter("Rows updated without a change of indexes."),
    pg_stat_user_tables_n_live_tup: gauge("Estimated live rows."),
    pg_stat_user_tables_n_dead_tup: gauge("Estimated dead rows."),
    pg_stat_user_tables_n_mod_since_analyze: gauge("Rows changed since the last ANALYZE."),
    pg_stat_user_tables_last_autovacuum: gauge("Time of the last autovacuum; 0 is never.", "timestamp"),
    pg_stat_user_tables_last_autoanalyze: gauge("Time of the last automatic ANALYZE; 0 is never.", "timestamp"),
    pg_stat_user_tables_autovacuum_count: counter("Autovacuums."),
    pg_stat_user_tables_table_size_bytes: gauge("Size of the table with its TOAST table.", "bytes"),
    pg_stat_user_tables_index_size_bytes: gauge("Size of the table's indexes.", "bytes"),
    pg_statio_user_tables_heap_blocks_read: counter("Blocks of the table that were read.", "blocks"),
    pg_statio_user_tables_heap_blocks_hit: counter("Blocks of the table found in shared buffers.", "blocks"),
    pg_statio_user_tables_idx_blocks_read: counter("Blocks of its indexes that were read.", "blocks"),
    pg_statio_user_tables_idx_blocks_hit: counter("Blocks of its indexes found in shared buffers.", "blocks"),
    howdah_table_vacuum_urgency: gauge(
      "Dead rows divided by the number at which autovacuum starts; tables above 1 wait for it.",
      "ratio",
    ),
    howdah_table_xid_age: gauge("Age of the table's oldest transaction ID, in transactions.", "transactions"),
  }),
  ...group("tables", perDatabase, {
    howdah_tables: gauge("Tables."),
    howdah_tables_vacuum_due: gauge("Tables that wait for autovacuum."),
    howdah_tables_autovacuum_disabled: gauge("Tables for which autovacuum is disabled."),
    howdah_tables_never_analyzed: gauge("Tables with more than 10,000 rows that have never been analyzed."),
    howdah_tables_unlogged: gauge("Unlogged tables."),
    howdah_triggers_disabled: gauge("Triggers that are disabled."),
  }),

  // Indexes of each database: the 50 largest.
  ...group("indexes", index, {
    howdah_index_scans_total: counter("Scans of the index on this server."),
    howdah_index_size_bytes: gauge("Size of the index.", "bytes"),
  }),
  ...group("indexes", perDatabase, {
    howdah_indexes: gauge("Indexes."),
    howdah_indexes_invalid: gauge("Indexes that are invalid, and cost writes without serving reads."),
    howdah_indexes_unused: gauge("Indexes without constraints that this server has never scanned."),
    howdah_indexes_unused_bytes: gauge("Size of the unused indexes.", "bytes"),
    howdah_indexes_duplicate: gauge("Indexes with the same definition as another one."),
  }),

  // Estimates of each database: the 50 with most bloat. They need the widths of pg_statistic.
  ...group("bloat", table, {
    howdah_table_bloat_bytes: gauge("Estimated space in the table that holds no row.", "bytes"),
    howdah_table_bloat_ratio: gauge("Estimated share of the table that holds no row.", "ratio"),
  }),
  ...group("bloat", index, {
    howdah_index_bloat_bytes: gauge("Estimated space in the B-tree that holds no entry.", "bytes"),
    howdah_index_bloat_ratio: gauge("Estimated share of the B-tree that holds no entry.", "ratio"),
  }),

  // Sequences of each database: the 20 that are nearest to their end.
  ...group("sequences", ["server", "datname", "schemaname", "sequencename"], {
    howdah_sequence_used_ratio: gauge("Share of the sequence's values that are used.", "ratio"),
  }),
  ...group("sequences", [...table, "attname"] as const, {
    howdah_integer_key_used_ratio: gauge("Share of a key's type that its sequence has used.", "ratio"),
  }),
  ...group("sequences", perDatabase, {
    howdah_sequences_unreadable: gauge("Sequences that the monitoring login may not read."),
  }),
} as const satisfies Record<string, MetricDefinition>;
