/** Engine of a parameter group; RDS instances and Multi-AZ DB clusters have the same one. */
export type Engine = "postgres" | "aurora-postgresql";

/** What the figure of a parameter counts; `none` for a bare number, `boolean` for 0 or 1, `list` for texts separated by commas. */
export type Unit = "8kB" | "kB" | "MB" | "B" | "ms" | "s" | "min" | "none" | "boolean" | "text" | "list";

/** A parameter that the engine's group takes. */
interface Supported {
  /** The group of Aurora's that the parameter belongs to. An instance group wins over the cluster's. */
  readonly level: "cluster" | "instance";
  /** Narrower than PostgreSQL's own; in the base unit. */
  readonly range?: readonly [min: number, max: number];
  readonly values?: readonly string[];
}

interface ParameterRow {
  readonly unit: Unit;
  /** A static parameter takes effect with the next restart. */
  readonly apply: "static" | "dynamic";
  /** What the engine takes; a text says why its group does not. */
  readonly engines: Readonly<Record<Engine, Supported | string>>;
}

/** Ranges that both engines, or Aurora alone, have of their own. */
interface Limits {
  readonly both?: Omit<Supported, "level">;
  readonly aurora?: Omit<Supported, "level">;
}

type Maker = (unit: Unit, limits?: Limits) => ParameterRow;

const maker =
  (apply: ParameterRow["apply"], level: Supported["level"]): Maker =>
  (unit, { both, aurora } = {}) => ({
    unit,
    apply,
    engines: { postgres: { level, ...both }, "aurora-postgresql": { level, ...both, ...aurora } },
  });

/** Aurora takes them for the whole cluster. */
const cluster = maker("dynamic", "cluster");
const clusterStatic = maker("static", "cluster");
/** Aurora takes them for each instance. */
const instance = maker("dynamic", "instance");
const instanceStatic = maker("static", "instance");
/** RDS takes them, and Aurora does not. */
const without =
  (reason: string, make: Maker = instance) =>
  (unit: Unit, limits?: Limits): ParameterRow => {
    const row = make(unit, limits);
    return { ...row, engines: { ...row.engines, "aurora-postgresql": reason } };
  };

const storage = "Aurora's storage layer handles pages and WAL";
const noParameter = "Aurora's parameter groups do not have it";
const onRdsOnly = without(noParameter);
const onDisks = without(storage);
const onDisksStatic = without(storage, instanceStatic);

/** AllowedValues of `pgaudit.log`; pgaudit itself knows more. */
const auditClasses = ["ddl", "function", "misc", "read", "role", "write"];

const levels = ["debug1", "info", "notice", "warning", "error", "log", "fatal"];

/**
 * Parameters that a group takes. Units and the need of a restart are PostgreSQL's (pg_settings; a test compares them with a real
 * server). Where each may be set:
 * - Aurora: the public output of `describe-db-cluster-parameters` for aurora-postgresql14 (IsModifiable, AllowedValues), and Amazon
 *   Aurora User Guide, "Amazon Aurora PostgreSQL parameters" (which of them are instance-level).
 * - RDS: Amazon RDS User Guide, "RDS for PostgreSQL DB instance parameter list"; what that partial list leaves out (`jit`, the
 *   `max_slot_wal_keep_size` and `wal_keep_size` of PostgreSQL 13, and all that Aurora has from the same engine) is in
 *   published groups of the families postgres13 to postgres17.
 * What no source shows is not in this table: a group is refused as a whole for one unknown name.
 */
export const parameterTable: Readonly<Record<string, ParameterRow>> = {
  authentication_timeout: instance("s"),
  autovacuum: cluster("boolean"),
  autovacuum_analyze_scale_factor: cluster("none"),
  autovacuum_analyze_threshold: cluster("none"),
  autovacuum_freeze_max_age: clusterStatic("none", { both: { range: [100_000_000, 750_000_000] } }),
  autovacuum_max_workers: clusterStatic("none"),
  autovacuum_naptime: cluster("s"),
  autovacuum_vacuum_cost_delay: cluster("ms"),
  autovacuum_vacuum_cost_limit: cluster("none"),
  autovacuum_vacuum_insert_scale_factor: cluster("none"),
  autovacuum_vacuum_scale_factor: cluster("none"),
  autovacuum_vacuum_threshold: cluster("none"),
  autovacuum_work_mem: cluster("kB"),
  bgwriter_delay: onDisks("ms"),
  bgwriter_lru_maxpages: onDisks("none"),
  bgwriter_lru_multiplier: onDisks("none"),
  checkpoint_completion_target: onDisks("none"),
  checkpoint_timeout: onDisks("s"),
  client_connection_check_interval: instance("ms"),
  client_min_messages: instance("text"),
  commit_delay: onDisks("none"),
  commit_siblings: onDisks("none"),
  cpu_index_tuple_cost: instance("none"),
  cpu_operator_cost: instance("none"),
  cpu_tuple_cost: instance("none"),
  "cron.database_name": clusterStatic("text"),
  cursor_tuple_fraction: instance("none"),
  deadlock_timeout: instance("ms"),
  default_statistics_target: instance("none"),
  default_transaction_isolation: instance("text"),
  effective_cache_size: instance("8kB"),
  effective_io_concurrency: onDisks("none", { both: { range: [0, 256] } }),
  from_collapse_limit: instance("none"),
  geqo: instance("boolean"),
  geqo_threshold: instance("none"),
  hash_mem_multiplier: instance("none"),
  hot_standby_feedback: without("it is always on in Aurora")("boolean"),
  idle_in_transaction_session_timeout: instance("ms"),
  idle_session_timeout: instance("ms"),
  jit: onRdsOnly("boolean"),
  join_collapse_limit: instance("none"),
  lock_timeout: onRdsOnly("ms"),
  log_autovacuum_min_duration: cluster("ms"),
  log_checkpoints: onDisks("boolean"),
  log_connections: instance("boolean"),
  log_disconnections: instance("boolean"),
  log_error_verbosity: instance("text"),
  log_lock_waits: instance("boolean"),
  log_min_duration_statement: instance("ms"),
  log_min_messages: instance("text", { both: { values: levels } }),
  log_parameter_max_length: instance("B"),
  log_parameter_max_length_on_error: instance("B"),
  log_replication_commands: instance("boolean"),
  log_statement: instance("text"),
  log_temp_files: instance("kB"),
  logical_decoding_work_mem: instance("kB"),
  maintenance_work_mem: instance("kB"),
  max_connections: instanceStatic("none", { both: { range: [6, 262_143] } }),
  max_locks_per_transaction: instanceStatic("none"),
  max_parallel_maintenance_workers: instance("none"),
  max_parallel_workers: instance("none"),
  max_parallel_workers_per_gather: instance("none"),
  max_prepared_transactions: clusterStatic("none"),
  max_replication_slots: clusterStatic("none", { both: { range: [5, 262_143] } }),
  max_slot_wal_keep_size: instance("MB"),
  max_standby_streaming_delay: instance("ms", { aurora: { range: [1000, 30_000] } }),
  max_wal_senders: clusterStatic("none", { both: { range: [5, 262_143] } }),
  max_wal_size: onDisks("MB"),
  max_worker_processes: instanceStatic("none"),
  min_wal_size: onDisks("MB"),
  password_encryption: cluster("text"),
  "pg_stat_statements.max": instanceStatic("none"),
  "pg_stat_statements.track": instance("text", { both: { values: ["NONE", "TOP", "ALL"] } }),
  "pg_stat_statements.track_utility": instance("boolean"),
  "pgaudit.log": instance("list", {
    both: { values: [...auditClasses, "none", "all", ...auditClasses.map((name) => `-${name}`)] },
  }),
  "pgaudit.log_parameter": instance("boolean"),
  "pgaudit.role": instance("text", { both: { values: ["rds_pgaudit"] } }),
  plan_cache_mode: cluster("text"),
  random_page_cost: instance("none"),
  "rds.accepted_password_auth_method": cluster("text", { both: { values: ["md5+scram", "scram"] } }),
  "rds.force_autovacuum_logging_level": cluster("text", { both: { values: ["disabled", ...levels] } }),
  "rds.force_ssl": cluster("boolean"),
  "rds.log_retention_period": instance("min", { both: { range: [1440, 10_080] } }),
  "rds.logical_replication": clusterStatic("boolean"),
  seq_page_cost: instance("none"),
  shared_buffers: without("Aurora sizes its own cache, about two thirds of the memory", instanceStatic)("8kB"),
  shared_preload_libraries: instanceStatic("text"),
  ssl_min_protocol_version: cluster("text"),
  statement_timeout: instance("ms"),
  synchronous_commit: cluster("text", { both: { values: ["local", "on", "off"] } }),
  tcp_keepalives_count: instance("none"),
  tcp_keepalives_idle: instance("s"),
  tcp_keepalives_interval: instance("s"),
  temp_buffers: instance("8kB"),
  temp_file_limit: instance("kB"),
  timezone: cluster("text"),
  track_activity_query_size: instanceStatic("B"),
  track_functions: instance("text"),
  track_io_timing: instance("boolean"),
  vacuum_freeze_min_age: cluster("none"),
  wal_buffers: onDisksStatic("8kB"),
  wal_keep_size: onDisks("MB"),
  wal_receiver_timeout: cluster("ms"),
  wal_sender_timeout: cluster("ms"),
  wal_writer_delay: onDisks("ms"),
  work_mem: instance("kB"),
};

const archive = "RDS manages WAL archiving and recovery";
const places = "RDS manages files, addresses and logs";
const durable = "RDS manages durability and replication";
const notShown = "no published list shows it in RDS parameter groups";

/** Parameters of other platforms that neither engine's group takes, with the reason. */
export const ownedByService: Readonly<Record<string, string>> = {
  archive_command: archive,
  archive_library: archive,
  archive_mode: archive,
  archive_timeout: archive,
  cluster_name: places,
  config_file: places,
  "cron.use_background_workers": "RDS decides how pg_cron runs its jobs",
  data_directory: places,
  fsync: durable,
  full_page_writes: durable,
  hba_file: places,
  hot_standby: durable,
  huge_pages: "RDS sets it by instance class",
  ident_file: places,
  ignore_checksum_failure: durable,
  listen_addresses: places,
  log_destination: places,
  log_directory: places,
  log_line_prefix: "RDS has its own prefix, which its tools read",
  log_recovery_conflict_waits: notShown,
  log_timezone: "RDS logs in UTC",
  logging_collector: places,
  maintenance_io_concurrency: notShown,
  port: places,
  primary_conninfo: durable,
  primary_slot_name: durable,
  recovery_target_timeline: archive,
  restore_command: archive,
  ssl: "RDS always offers TLS; rds.force_ssl rejects everything else",
  ssl_ca_file: places,
  ssl_cert_file: places,
  ssl_ciphers: "RDS only accepts single cipher suites from its own list",
  ssl_key_file: places,
  superuser_reserved_connections: "RDS reserves three",
  synchronous_standby_names: durable,
  unix_socket_directories: places,
  wal_compression: "how RDS compresses WAL depends on its version",
  wal_level: "rds.logical_replication determines it",
  wal_log_hints: durable,
  wal_receiver_status_interval: durable,
  wal_retrieve_retry_interval: durable,
  zero_damaged_pages: durable,
};
