import { days, type Expression, hours, metric, minutes, promql, type Recorded, recorded } from "./expression";

/*
 * Figures that dashboards and alerts share, computed once. Names as Prometheus' documentation has them, "Recording rules":
 * level:metric:operations.
 */

const window = minutes(5);

const perSecond = (name: "pg_stat_database_xact_commit" | "pg_stat_database_xact_rollback"): Expression =>
  promql`sum by (server, datname) (rate(${metric(name).over(window)}))`;

/** Connections that clients of the applications may have, in percent. */
export const connectionsUsed: Recorded = {
  record: "server:connections_used:percent",
  expr: (() => {
    const all = metric("pg_settings_max_connections");
    // Since PostgreSQL 16.
    const reserved = promql`(${metric("pg_settings_reserved_connections")} or ${0} * ${all})`;
    const usable = promql`(${all} - ${metric("pg_settings_superuser_reserved_connections")} - ${reserved})`;
    return promql`${100} * ${metric("howdah_connections")} / ${usable}`;
  })(),
};

export const commits: Recorded = {
  record: "database:commits:rate5m",
  expr: perSecond("pg_stat_database_xact_commit"),
};

export const rollbacks: Recorded = {
  record: "database:rollbacks:rate5m",
  expr: perSecond("pg_stat_database_xact_rollback"),
};

/** Percent of all transactions. */
export const rollbackShare: Recorded = {
  record: "database:rollbacks:percent",
  expr: promql`${100} * ${rollbacks} / (${commits} + ${rollbacks} > ${0})`,
};

export const deadlocks: Recorded = {
  record: "database:deadlocks:increase5m",
  expr: promql`sum by (server, datname) (increase(${metric("pg_stat_database_deadlocks").over(window)}))`,
};

/** Blocks a second, from shared buffers or not. */
export const blocks: Recorded = {
  record: "server:blocks:rate5m",
  expr: promql`sum by (server) (rate(${metric("pg_stat_database_blks_hit").over(window)}) + rate(${metric("pg_stat_database_blks_read").over(window)}))`,
};

/** Percent of the blocks that were in shared buffers. */
export const cacheHits: Recorded = {
  record: "server:cache_hits:percent",
  expr: promql`${100} * sum by (server) (rate(${metric("pg_stat_database_blks_hit").over(window)})) / on (server) (${blocks} > ${0})`,
};

/** Bytes in an hour. */
export const temporaryBytes: Recorded = {
  record: "database:temporary_bytes:increase1h",
  expr: promql`sum by (server, datname) (increase(${metric("pg_stat_database_temp_bytes").over(hours(1))}))`,
};

export const walBytes: Recorded = {
  record: "server:wal_bytes:rate5m",
  expr: promql`rate(${metric("howdah_wal_bytes_total").over(window)})`,
};

/** Transactions a second through the pooler. */
export const pooledTransactions: Recorded = {
  record: "database:pooled_transactions:rate5m",
  expr: promql`sum by (database) (rate(${metric("pgbouncer_stats_sql_transactions_pooled_total").over(window)}))`,
};

/** Mean seconds of a transaction through the pooler. */
export const pooledTransactionTime: Recorded = {
  record: "database:pooled_transaction_seconds:mean5m",
  expr: promql`sum by (database) (rate(${metric("pgbouncer_stats_server_in_transaction_seconds_total").over(window)})) / on (database) (${pooledTransactions} > ${0})`,
};

/** Mean seconds of an execution, and what share of all statements' time it takes, in percent. */
const statementTime = promql`sum by (server, datname, user, queryid) (rate(${metric("pg_stat_statements_seconds_total").over(minutes(15))}))`;
export const statementMean: Recorded = {
  record: "statement:seconds:mean15m",
  interval: minutes(1),
  expr: promql`${statementTime} / (sum by (server, datname, user, queryid) (rate(${metric("pg_stat_statements_calls_total").over(minutes(15))})) > ${0})`,
};
export const statementShare: Recorded = {
  record: "statement:seconds:percent15m",
  interval: minutes(1),
  expr: promql`${100} * ${statementTime} / on (server) group_left () (sum by (server) (${statementTime}) > ${0})`,
};

/** What an execution usually takes, and the standard deviation of that. They read a week: every few seconds would be too often. */
const week = recorded(statementMean).over(days(7));
export const statementUsual: Recorded = {
  record: "statement:seconds:mean7d",
  interval: hours(1),
  expr: promql`avg_over_time(${week})`,
};
export const statementSpread: Recorded = {
  record: "statement:seconds:stddev7d",
  interval: hours(1),
  expr: promql`stddev_over_time(${week})`,
};

/** Percent of a host's CPU time that is not idle. */
export const cpuUsed: Recorded = {
  record: "host:cpu_used:percent",
  expr: promql`${100} * (${1} - avg by (host) (rate(${metric("node_cpu_seconds_total", { mode: "idle" }).over(window)})))`,
};

export const memoryAvailable: Recorded = {
  record: "host:memory_available:percent",
  expr: promql`${100} * ${metric("node_memory_MemAvailable_bytes")} / ${metric("node_memory_MemTotal_bytes")}`,
};

/** Seconds over which the share of failed probes is computed, by name. */
const spans = {
  "5m": minutes(5),
  "30m": minutes(30),
  "1h": hours(1),
  "2h": hours(2),
  "6h": hours(6),
  "1d": hours(24),
  "3d": hours(72),
};
export type Span = keyof typeof spans;

/** Share of the probes that failed; all routes together are what the availability objective is about. */
export function probeErrors(span: Span): Recorded {
  const failures = metric("howdah_probe_failures_total").over(spans[span]);
  const attempts = metric("howdah_probe_attempts_total").over(spans[span]);
  return {
    record: `stack:probe_errors:ratio${span}`,
    ...(spans[span] < hours(6) ? {} : { interval: minutes(1) }),
    expr: promql`sum(rate(${failures})) / (sum(rate(${attempts})) > ${0})`,
  };
}

/** All of them; one that reads another comes after it. */
export const recordings: readonly Recorded[] = [
  connectionsUsed,
  commits,
  rollbacks,
  rollbackShare,
  deadlocks,
  blocks,
  cacheHits,
  temporaryBytes,
  walBytes,
  pooledTransactions,
  pooledTransactionTime,
  statementMean,
  statementShare,
  statementUsual,
  statementSpread,
  cpuUsed,
  memoryAvailable,
  ...(Object.keys(spans) as Span[]).map(probeErrors),
];
