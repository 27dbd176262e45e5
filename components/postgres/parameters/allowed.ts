import { auditTerms } from "../extensions/audit";
import { GB, kB, MB, TB } from "../../../lib/units";

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** What a parameter accepts. Times in milliseconds, memory in bytes; `off` are the bare figures that switch it off or leave it to the server. */
export type Spec =
  | ({ readonly kind: "integer" | "real" } & Bounds)
  | ({ readonly kind: "memory" | "time"; readonly off?: readonly number[] } & Bounds)
  | { readonly kind: "boolean" }
  /** A list of values, separated by commas. */
  | { readonly kind: "choice" | "list"; readonly values: readonly string[] };

const integer = (min: number, max: number): Spec => ({ kind: "integer", min, max });
const real = (min: number, max: number): Spec => ({ kind: "real", min, max });
const memory = (min: number, max: number, off: readonly number[] = []): Spec => ({ kind: "memory", min, max, off });
const seconds = (min: number, max: number, off: readonly number[] = []): Spec => ({
  kind: "time",
  min: min * 1000,
  max: max * 1000,
  off,
});
const boolean: Spec = { kind: "boolean" };
const choice = (...values: string[]): Spec => ({ kind: "choice", values });

const day = 86_400;
/** Not panic: why a server ends is a FATAL line, and `up` quotes it. */
const messageLevels = choice("debug1", "info", "notice", "warning", "error", "log", "fatal");

/** Parameters that a user may override, with the range that is reasonable in production; often narrower than the server's. */
export const allowed: Readonly<Record<string, Spec>> = {
  autovacuum_analyze_scale_factor: real(0, 1),
  autovacuum_analyze_threshold: integer(0, 1_000_000),
  autovacuum_freeze_max_age: integer(100_000, 1_500_000_000),
  autovacuum_max_workers: integer(1, 16),
  autovacuum_naptime: seconds(1, 3600),
  autovacuum_vacuum_cost_delay: { kind: "time", min: 1, max: 100, off: [0] },
  autovacuum_vacuum_cost_limit: integer(1, 10_000),
  autovacuum_vacuum_insert_scale_factor: real(0, 1),
  autovacuum_vacuum_scale_factor: real(0, 1),
  autovacuum_vacuum_threshold: integer(0, 1_000_000),
  autovacuum_work_mem: memory(MB, 64 * GB),
  bgwriter_delay: { kind: "time", min: 10, max: 10_000 },
  bgwriter_lru_maxpages: integer(0, 10_000),
  bgwriter_lru_multiplier: real(0, 10),
  checkpoint_completion_target: real(0.5, 1),
  checkpoint_timeout: seconds(60, 3600),
  client_connection_check_interval: seconds(1, 3600, [0]),
  client_min_messages: choice("debug1", "log", "notice", "warning", "error"),
  commit_delay: integer(0, 100_000),
  commit_siblings: integer(0, 1000),
  cpu_index_tuple_cost: real(0, 1000),
  cpu_operator_cost: real(0, 1000),
  cpu_tuple_cost: real(0, 1000),
  cursor_tuple_fraction: real(0, 1),
  deadlock_timeout: { kind: "time", min: 50, max: 60_000 },
  default_statistics_target: integer(10, 10_000),
  default_transaction_isolation: choice("read committed", "repeatable read", "serializable"),
  effective_cache_size: memory(8 * MB, 12 * TB),
  effective_io_concurrency: integer(0, 1000),
  from_collapse_limit: integer(1, 100),
  geqo: boolean,
  geqo_threshold: integer(2, 100),
  hash_mem_multiplier: real(1, 8),
  hot_standby_feedback: boolean,
  huge_pages: choice("try", "on", "off"),
  idle_in_transaction_session_timeout: seconds(1, day, [0]),
  idle_session_timeout: seconds(60, 7 * day, [0]),
  jit: boolean,
  join_collapse_limit: integer(1, 100),
  lock_timeout: seconds(1, day, [0]),
  log_autovacuum_min_duration: seconds(0, day, [-1, 0]),
  log_error_verbosity: choice("terse", "default", "verbose"),
  log_lock_waits: boolean,
  log_min_duration_statement: { kind: "time", min: 1, max: day * 1000, off: [-1, 0] },
  log_min_messages: messageLevels,
  log_parameter_max_length: { kind: "memory", min: 1, max: MB, off: [-1, 0] },
  log_statement: choice("ddl", "mod", "all"),
  log_temp_files: memory(kB, TB, [-1, 0]),
  logical_decoding_work_mem: memory(64 * kB, 2 * GB),
  maintenance_io_concurrency: integer(0, 1000),
  maintenance_work_mem: memory(MB, 64 * GB),
  max_connections: integer(10, 10_000),
  max_locks_per_transaction: integer(10, 4096),
  max_parallel_maintenance_workers: integer(0, 64),
  max_parallel_workers: integer(0, 192),
  max_parallel_workers_per_gather: integer(0, 192),
  max_replication_slots: integer(10, 256),
  max_slot_wal_keep_size: memory(256 * MB, 64 * TB),
  max_standby_streaming_delay: seconds(0, day),
  max_wal_senders: integer(10, 256),
  max_wal_size: memory(128 * MB, 64 * TB),
  max_worker_processes: integer(8, 512),
  min_wal_size: memory(32 * MB, 64 * TB),
  "pg_stat_statements.max": integer(1000, 100_000),
  "pg_stat_statements.track": choice("top", "all"),
  "pg_stat_statements.track_utility": boolean,
  "pgaudit.log": { kind: "list", values: auditTerms },
  plan_cache_mode: choice("auto", "force_generic_plan", "force_custom_plan"),
  random_page_cost: real(0.1, 100),
  seq_page_cost: real(0.1, 100),
  shared_buffers: memory(16 * MB, 4 * TB),
  statement_timeout: seconds(1, 7 * day, [0]),
  tcp_keepalives_count: integer(1, 20),
  tcp_keepalives_idle: seconds(1, 7200),
  tcp_keepalives_interval: seconds(1, 600),
  temp_buffers: memory(800 * kB, GB),
  temp_file_limit: memory(64 * MB, TB, [-1]),
  track_activity_query_size: memory(1024, MB),
  track_functions: choice("none", "pl", "all"),
  track_io_timing: boolean,
  vacuum_freeze_min_age: integer(0, 1_000_000_000),
  wal_buffers: memory(64 * kB, GB),
  wal_compression: choice("on", "off", "pglz", "lz4", "zstd"),
  wal_keep_size: memory(16 * MB, TB, [0]),
  wal_receiver_timeout: seconds(5, 300),
  wal_sender_timeout: seconds(5, 300),
  wal_writer_delay: { kind: "time", min: 1, max: 10_000 },
  work_mem: memory(64 * kB, 64 * GB),
};
