import { tlsCiphers } from "../../../lib/values";

/** Parameters that safety depends on, with the reason that an override is refused with. */
interface Forced {
  readonly value: string;
  readonly reason: string;
}

const durability = "without it, acknowledged commits do not survive a crash";
const replication = "replicas, pg_rewind and the archive need it";
const encryption = "all TCP connections are encrypted and all passwords are SCRAM verifiers";

/** The last of the three layers: defaults < user's < forced. */
export const forced: Readonly<Record<string, Forced>> = {
  archive_mode: { value: "on", reason: replication },
  fsync: { value: "on", reason: durability },
  full_page_writes: { value: "on", reason: durability },
  hot_standby: { value: "on", reason: replication },
  ignore_checksum_failure: { value: "off", reason: "a damaged page must be an error" },
  password_encryption: { value: "scram-sha-256", reason: encryption },
  shared_preload_libraries: {
    value: "pg_stat_statements",
    reason: "it follows from the databases' extensions, and the monitoring's statistics come from it",
  },
  ssl: { value: "on", reason: encryption },
  ssl_ciphers: { value: tlsCiphers, reason: encryption },
  ssl_min_protocol_version: { value: "TLSv1.2", reason: encryption },
  synchronous_commit: { value: "on", reason: "the recovery point objective depends on it" },
  wal_level: { value: "replica", reason: replication },
  wal_log_hints: { value: "on", reason: replication },
  zero_damaged_pages: { value: "off", reason: "a damaged page must be an error" },
};

const platform = "the platform sets it";
const objectives = "it is derived from howdah:objectives";

/** Parameters that other parts of the program own. */
export const owned: Readonly<Record<string, string>> = {
  archive_command: platform,
  archive_library: platform,
  archive_timeout: objectives,
  cluster_name: platform,
  config_file: platform,
  "cron.database_name": "it is the database whose extensions contain pg_cron",
  "cron.use_background_workers": platform,
  data_directory: platform,
  hba_file: platform,
  ident_file: platform,
  listen_addresses: platform,
  log_destination: platform,
  log_directory: platform,
  logging_collector: platform,
  "pgaudit.log_parameter": "howdah keeps values out of the log",
  port: platform,
  primary_conninfo: platform,
  primary_slot_name: platform,
  recovery_target_timeline: platform,
  restore_command: platform,
  ssl_ca_file: platform,
  ssl_cert_file: platform,
  ssl_key_file: platform,
  superuser_reserved_connections: "the connection budget relies on it",
  synchronous_standby_names: objectives,
  unix_socket_directories: platform,
};
