/**
 * A rule that others have published, as facts: its name, and what it compares with which threshold. Each comparison has `bool`, so
 * that the expression has a value whether or not the rule would fire.
 */
export interface PublicRule {
  readonly name: string;
  readonly expression: string;
  /** Why it has no value on our series. Default: it has one. */
  readonly without?: string;
  /** Newest major version of PostgreSQL that has its figures. Default: every one. */
  readonly until?: number;
  /**
   * What it compares, if all of that is there, but Prometheus finds no pair with the same labels on both sides: neither on our series
   * nor on those of postgres_exporter.
   */
  readonly unpaired?: readonly string[];
}

const rule = (name: string, expression: string): PublicRule => ({ name, expression });
const without = (reason: string, name: string, expression: string): PublicRule => ({
  name,
  expression,
  without: reason,
});
/** PostgreSQL 17 has moved them to pg_stat_checkpointer. */
const until16 = (name: string, expression: string): PublicRule => ({ name, expression, until: 16 });
const unpaired = (parts: readonly string[], name: string, expression: string): PublicRule => ({
  name,
  expression,
  unpaired: parts,
});

const rate = (metric: string, labels: string, range: string): string => `rate(${metric}{${labels}}[${range}])`;
const sumBy = (labels: string, expression: string): string => `sum by (${labels}) (${expression})`;

const ownQuery = "needs a query that a user adds to postgres_exporter; ours is howdah_*";

const users = 'datname!~"template.*|postgres"';
const counted = `${users},datid!="0"`;

const hits = sumBy("datname", rate("pg_stat_database_blks_hit", counted, "5m"));
const reads = sumBy("datname", rate("pg_stat_database_blks_read", counted, "5m"));
const rollbacks = sumBy("namespace,datname,instance", rate("pg_stat_database_xact_rollback", counted, "3m"));
const commits = sumBy("namespace,datname,instance", rate("pg_stat_database_xact_commit", counted, "3m"));
const timed = rate("pg_stat_bgwriter_checkpoints_timed_total", "", "5m");
const requested = rate("pg_stat_bgwriter_checkpoints_req_total", "", "5m");
const server = "instance, job, server";
const least = (metric: string): string => `min by (${server}) (${metric})`;
const changes = "pg_replication_is_replica and changes(pg_replication_is_replica[1m]) > bool 0";
const written = "(pg_stat_user_tables_n_tup_del + pg_stat_user_tables_n_tup_upd + pg_stat_user_tables_n_tup_hot_upd)";
const rows = "(pg_stat_user_tables_n_live_tup + pg_stat_user_tables_n_dead_tup)";
const lockTable = "(pg_settings_max_locks_per_transaction * pg_settings_max_connections)";
const anySetting = '{__name__=~"pg_settings_.*",__name__!="pg_settings_transaction_read_only"}';
const days = 86_400;

/** Those that awesome-prometheus-alerts has for PostgreSQL (a853318, August 2026). */
export const awesomePostgres: readonly PublicRule[] = [
  rule("Postgresql down", "pg_up == bool 0"),
  rule("Postgresql restarted", "time() - pg_postmaster_start_time_seconds < bool 60"),
  rule("Postgresql exporter error", "pg_exporter_last_scrape_error > bool 0"),
  rule("Postgresql replication role changed", changes),
  rule("Postgresql replication lag", "pg_replication_lag_seconds > bool 5"),
  unpaired(
    ["pg_replication_slots_active", "pg_replication_is_replica"],
    "Postgresql unused replication slot",
    "(pg_replication_slots_active == bool 0) and (pg_replication_is_replica == bool 0)",
  ),
  rule(
    "Postgresql max connections reached",
    `sum by (${server}) (pg_stat_activity_count) >= bool (${least("pg_settings_max_connections")} - ${least("pg_settings_superuser_reserved_connections")})`,
  ),
  rule(
    "Postgresql too many connections",
    `sum by (${server}) (pg_stat_activity_count) > bool ${least("((pg_settings_max_connections - pg_settings_superuser_reserved_connections) * 0.8)")}`,
  ),
  rule("Postgresql not enough connections", `sum by (datname) (pg_stat_activity_count{${users}}) < bool 5`),
  rule(
    "Postgresql long-running transaction",
    `avg by (datname) (pg_stat_activity_max_tx_duration{${users}}) > bool 2 * 60`,
  ),
  rule("Postgresql low cache hit rate", `${hits} / (${hits} + ${reads}) < bool 0.98 and (${hits} + ${reads}) > bool 0`),
  rule("Postgresql dead locks", `increase(pg_stat_database_deadlocks{${counted}}[1m]) > bool 5`),
  rule(
    "Postgresql high rollback rate",
    `${rollbacks} / (${rollbacks} + ${commits}) > bool 0.10 and (${rollbacks} + ${commits}) > bool 0`,
  ),
  rule("Postgresql commit rate low", `increase(pg_stat_database_xact_commit{${counted}}[5m]) < bool 5`),
  rule("Postgresql low XID consumption", "rate(pg_txid_current[1m]) < bool 5"),
  unpaired(
    [written, "pg_settings_autovacuum_vacuum_threshold", "pg_stat_user_tables_last_autovacuum"],
    "Postgresql table not auto vacuumed",
    `(${written} > bool pg_settings_autovacuum_vacuum_threshold) and (time() - pg_stat_user_tables_last_autovacuum) > bool ${10 * days}`,
  ),
  unpaired(
    [written, "pg_settings_autovacuum_analyze_threshold", "pg_stat_user_tables_last_autoanalyze"],
    "Postgresql table not auto analyzed",
    `(${written} > bool pg_settings_autovacuum_analyze_threshold) and (time() - pg_stat_user_tables_last_autoanalyze) > bool ${10 * days}`,
  ),
  rule(
    "Postgresql too many dead tuples",
    `((pg_stat_user_tables_n_dead_tup > bool 10000) / ${rows}) >= bool 0.1 and ${rows} > bool 0`,
  ),
  unpaired(
    ["sum by (instance) (pg_locks_count)", lockTable],
    "Postgresql too many locks acquired",
    `((sum by (instance) (pg_locks_count)) / ${lockTable}) > bool 0.20 and ${lockTable} > bool 0`,
  ),
  until16(
    "Postgresql too many checkpoints requested",
    `${timed} / (${timed} + ${requested}) < bool 0.5 and (${timed} + ${requested}) > bool 0`,
  ),
  // The opposite, what has not changed: `bool` would drop the name, by which it pairs.
  rule("Postgresql configuration changed", `${anySetting} == on (__name__, instance) ${anySetting} offset 5m`),
  without(
    ownQuery,
    "Postgresql bloat index high (> 80%)",
    "pg_bloat_btree_bloat_pct > bool 80 and on (idxname) (pg_bloat_btree_real_size > bool 1e8)",
  ),
  without(
    ownQuery,
    "Postgresql bloat table high (> 80%)",
    "pg_bloat_table_bloat_pct > bool 80 and on (relname) (pg_bloat_table_real_size > bool 2e8)",
  ),
  without(ownQuery, "Postgresql invalid index", 'pg_general_index_info_pg_relation_size{indexrelname=~".*ccnew.*"}'),
  without(
    "PostgreSQL 14 has removed compression by TLS",
    "Postgresql SSL compression active",
    "sum by (instance) (pg_stat_ssl_compression) > bool 0",
  ),
];

const serverConnections =
  "sum without (database, user) (pgbouncer_pools_server_active_connections + pgbouncer_pools_server_idle_connections + pgbouncer_pools_server_used_connections)";
const saturation = `100 * (${serverConnections} / clamp_min(pgbouncer_config_max_user_connections, 1))`;

/** Those that it has for PgBouncer. */
export const awesomePgbouncer: readonly PublicRule[] = [
  rule("PGBouncer active connections", "pgbouncer_pools_server_active_connections > bool 200"),
  rule("PGBouncer clients waiting for connection", "pgbouncer_pools_client_waiting_connections > bool 20"),
  rule("PGBouncer high client wait time", "pgbouncer_pools_client_maxwait_seconds > bool 15"),
  rule("PGBouncer server connection saturation warning", `${saturation} > bool 80`),
  rule("PGBouncer server connection saturation critical", `${saturation} > bool 90`),
  without(
    "is a name of another exporter; pgbouncer_exporter's is pgbouncer_config_max_client_connections",
    "PGBouncer max connections",
    "sum(pgbouncer_pools_client_active_connections + pgbouncer_pools_client_waiting_connections) >= bool pgbouncer_config_max_client_conn",
  ),
];

const agg = "job, instance, server";
const databases = 'datname!~"template.*"';
const perDatabase = (expression: string): string => `avg by (datname, ${agg}) (${expression})`;
const each = (metric: string, range = "5m"): string => rate(metric, databases, range);
const instant = (metric: string): string => `irate(${metric}{${databases}}[5m])`;
const blocks = `${each("pg_stat_database_blks_hit")} + ${each("pg_stat_database_blks_read")}`;
const transactions = `${each("pg_stat_database_xact_commit")} + ${each("pg_stat_database_xact_rollback")}`;
const limit = `(sum by (${agg}) (pg_settings_max_connections) - sum by (${agg}) (pg_settings_superuser_reserved_connections))`;

/** Those of the mixin of postgres_exporter (dbb1987, August 2026), with its usual labels. */
export const mixin: readonly PublicRule[] = [
  rule("PostgreSQLMaxConnectionsReached", `sum by (${agg}) (pg_stat_activity_count) >= bool ${limit}`),
  rule("PostgreSQLHighConnections", `sum by (${agg}) (pg_stat_activity_count) > bool ${limit} * 0.8`),
  rule("PostgreSQLDown", "pg_up != bool 1"),
  rule("PostgreSQLSlowQueries", `${perDatabase(each("pg_stat_activity_max_tx_duration", "2m"))} > bool 2 * 60`),
  rule(
    "PostgreSQLQPS",
    `${perDatabase(`${instant("pg_stat_database_xact_commit")} + ${instant("pg_stat_database_xact_rollback")}`)} > bool 10000`,
  ),
  rule("PostgreSQLCacheHitRatio", `${perDatabase(`${each("pg_stat_database_blks_hit")} / (${blocks})`)} < bool 0.98`),
  rule(
    "PostgresHasTooManyRollbacks",
    `avg without (pod, instance) (${each("pg_stat_database_xact_rollback")} / (${transactions})) > bool 0.10`,
  ),
  rule("PostgresHasHighDeadLocks", `max without (pod, instance) (${each("pg_stat_database_deadlocks")} * 60) > bool 5`),
  rule(
    "PostgresAcquiredTooManyLocks",
    `max by (datname, ${agg}) (pg_locks_count{${databases}} / on (job, instance) group_left (server) ${lockTable}) > bool 0.20`,
  ),
  without(
    "is a name of postgres_exporter before 0.13; the present one is pg_replication_lag_seconds",
    "PostgresReplicationLaggingMore1Hour",
    `(pg_replication_lag > bool 3600) and on (${agg}) (pg_replication_is_replica == bool 1)`,
  ),
  rule("PostgresHasReplicationSlotUsed", "pg_replication_slots_active == bool 0"),
  rule("PostgresReplicationRoleChanged", changes),
  rule("PostgresHasExporterErrors", "pg_exporter_last_scrape_error > bool 0"),
  rule(
    "PostgresTablesNotVaccumed",
    `group without (pod, instance) (timestamp(pg_stat_user_tables_n_dead_tup > bool pg_stat_user_tables_n_live_tup * on (${agg}) group_left pg_settings_autovacuum_vacuum_scale_factor + on (${agg}) group_left pg_settings_autovacuum_vacuum_threshold) < bool time() - 36000)`,
  ),
  until16("PostgresTooManyCheckpointsRequested", `${timed} / (${timed} + ${requested}) < bool 0.5`),
];
