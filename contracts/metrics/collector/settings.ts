import type { Unit } from "../definition";

/** Settings that alerts and panels compare with, and the unit that their values are converted to. */
export const settings = {
  archive_timeout: "seconds",
  autovacuum: "",
  autovacuum_analyze_scale_factor: "",
  autovacuum_analyze_threshold: "",
  autovacuum_freeze_max_age: "",
  autovacuum_max_workers: "",
  autovacuum_multixact_freeze_max_age: "",
  autovacuum_naptime: "seconds",
  autovacuum_vacuum_scale_factor: "",
  autovacuum_vacuum_threshold: "",
  autovacuum_vacuum_cost_limit: "",
  checkpoint_completion_target: "",
  checkpoint_timeout: "seconds",
  data_checksums: "",
  deadlock_timeout: "seconds",
  effective_cache_size: "bytes",
  fsync: "",
  full_page_writes: "",
  hot_standby_feedback: "",
  log_min_duration_statement: "seconds",
  maintenance_work_mem: "bytes",
  max_connections: "",
  max_locks_per_transaction: "",
  max_prepared_transactions: "",
  max_replication_slots: "",
  max_slot_wal_keep_size: "bytes",
  max_standby_streaming_delay: "seconds",
  max_wal_senders: "",
  max_wal_size: "bytes",
  max_worker_processes: "",
  min_wal_size: "bytes",
  pg_stat_statements_max: "",
  random_page_cost: "",
  reserved_connections: "",
  server_version_num: "",
  shared_buffers: "bytes",
  ssl: "",
  superuser_reserved_connections: "",
  temp_file_limit: "bytes",
  track_io_timing: "",
  vacuum_failsafe_age: "",
  vacuum_multixact_failsafe_age: "",
  wal_keep_size: "bytes",
  wal_segment_size: "bytes",
  work_mem: "bytes",
} as const satisfies Readonly<Record<string, "" | "seconds" | "bytes">>;

type SettingMetric<Name extends keyof typeof settings = keyof typeof settings> = Name extends unknown
  ? (typeof settings)[Name] extends ""
    ? `pg_settings_${Name}`
    : `pg_settings_${Name}_${(typeof settings)[Name]}`
  : never;

/** Name of a setting's metric. */
export const settingMetric = (name: keyof typeof settings): SettingMetric =>
  `pg_settings_${name}${settings[name] === "" ? "" : `_${settings[name]}`}` as SettingMetric;

/** The settings' metrics. */
export const settingMetrics = Object.fromEntries(
  (Object.keys(settings) as (keyof typeof settings)[]).map((name) => [
    settingMetric(name),
    {
      type: "gauge",
      help: `Setting ${name}; the special values 0 and -1 as they are.`,
      ...(settings[name] === "" ? {} : { unit: settings[name] }),
      labels: ["server"],
      set: "settings",
    },
  ]),
) as unknown as Readonly<
  Record<
    SettingMetric,
    {
      readonly type: "gauge";
      readonly help: string;
      readonly unit?: Unit;
      readonly labels: readonly ["server"];
      readonly set: "settings";
    }
  >
>;
