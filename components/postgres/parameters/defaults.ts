import type { ParameterInput } from "./memory";

/** Connections: a dead client or replica is noticed within seconds. */
const connections = {
  // A connection that never says who it is takes a slot, and needs no password for that.
  authentication_timeout: "10s",
  // A client that vanished must not keep a query, and so a pooled connection, busy.
  client_connection_check_interval: "10s",
  idle_session_timeout: "0",
  // Waiting for ACCESS EXCLUSIVE queues every later statement on that table behind it: a migration gives up, the service does not.
  lock_timeout: "30s",
  superuser_reserved_connections: "3",
  tcp_keepalives_count: "6",
  tcp_keepalives_idle: "60s",
  tcp_keepalives_interval: "10s",
};

/** Replication. A frozen synchronous replica holds up every commit until its connection is given up, so sooner than the stock 60 s. */
const replication = {
  hot_standby_feedback: "on",
  max_replication_slots: "16",
  max_standby_streaming_delay: "30s",
  max_wal_senders: "16",
  wal_receiver_status_interval: "2s",
  wal_receiver_timeout: "15s",
  // A replica that lost its primary comes back after a second instead of five.
  wal_retrieve_retry_interval: "1s",
  wal_sender_timeout: "15s",
};

/** CIS PostgreSQL Benchmark, section 3.1; bind values stay out, they are the users' data. */
export const logging = {
  log_autovacuum_min_duration: "10s",
  log_checkpoints: "on",
  log_connections: "on",
  log_disconnections: "on",
  // The code comes before the names, which clients choose.
  log_line_prefix: "%m [%p]: [%l-1] %e db=%d,user=%u,app=%a,client=%h ",
  log_lock_waits: "on",
  log_min_duration_statement: "1s",
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  log_recovery_conflict_waits: "on",
  log_replication_commands: "on",
  log_statement: "ddl",
  log_temp_files: "10MB",
  log_timezone: "UTC",
  timezone: "UTC",
};

const statistics = {
  "pg_stat_statements.max": "5000",
  "pg_stat_statements.track": "top",
  // CREATE ROLE and its like hold password verifiers, and pg_monitor may read the statements.
  "pg_stat_statements.track_utility": "off",
  track_activity_query_size: "4kB",
  track_functions: "pl",
  track_io_timing: "on",
};

/** Smaller and more frequent rounds than stock (0.2, 0.1, 60 s); after Pigsty's oltp.yml and autobase. */
const autovacuum = {
  autovacuum: "on",
  autovacuum_analyze_scale_factor: "0.02",
  autovacuum_naptime: "30s",
  autovacuum_vacuum_cost_delay: "2ms",
  autovacuum_vacuum_insert_scale_factor: "0.05",
  autovacuum_vacuum_scale_factor: "0.05",
};

/** pgtune, src/features/configuration/configurationSlice.js. */
const byWorkload: Readonly<Record<ParameterInput["workload"], Readonly<Record<string, string>>>> = {
  web: { default_statistics_target: "100", jit: "off" },
  oltp: { default_statistics_target: "100", jit: "off" },
  analytics: { default_statistics_target: "500", jit: "on" },
};

/** pgtune for the planner's costs; Pigsty for the cost limit of vacuum. */
const byStorage: Readonly<Record<ParameterInput["storage"], Readonly<Record<string, string>>>> = {
  ssd: {
    autovacuum_vacuum_cost_limit: "2000",
    effective_io_concurrency: "200",
    maintenance_io_concurrency: "200",
    random_page_cost: "1.1",
  },
  hdd: {
    autovacuum_vacuum_cost_limit: "400",
    effective_io_concurrency: "2",
    maintenance_io_concurrency: "10",
    random_page_cost: "4",
  },
};

/** Defaults that need no arithmetic. PostgreSQL 14 compresses WAL with its own pglz only. */
export const fixedDefaults = ({ version, workload, storage }: ParameterInput): Record<string, string> => ({
  ...connections,
  ...replication,
  ...logging,
  ...statistics,
  ...autovacuum,
  ...byWorkload[workload],
  ...byStorage[storage],
  checkpoint_completion_target: "0.9",
  checkpoint_timeout: "15min",
  huge_pages: "try",
  max_locks_per_transaction: "64",
  max_prepared_transactions: "0",
  wal_compression: version >= 15 ? "lz4" : "on",
});
