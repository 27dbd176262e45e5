import { counter, gauge, group, type MetricDefinition } from "../definition";
import { settingMetrics } from "./settings";

const server = ["server"] as const;
const perDatabase = ["server", "datname"] as const;
const login = ["server", "datname", "usename"] as const;
const session = [
  "server",
  "datname",
  "state",
  "usename",
  "application_name",
  "backend_type",
  "wait_event_type",
  "wait_event",
] as const;

/** Sessions, locks, transaction IDs, settings and roles of a server. */
export const activityMetrics = {
  // Sessions. The collector's own are not counted.
  ...group("sessions", session, {
    pg_stat_activity_count: gauge("Sessions. Names of applications beyond the first 20 are `other`."),
    pg_stat_activity_max_tx_duration: gauge("Age of the oldest transaction of these sessions.", "seconds"),
  }),
  ...group("sessions", server, {
    pg_long_running_transactions: gauge("Transactions that are older than a minute."),
    pg_long_running_transactions_oldest_timestamp_seconds: gauge("Age of the oldest transaction.", "seconds"),
    howdah_connections: gauge("Connections that count towards max_connections."),
    howdah_autovacuum_workers: gauge("Autovacuum workers that run."),
    howdah_plain_sessions: gauge("Sessions of clients over TCP without TLS."),
    howdah_superuser_tcp_sessions: gauge("Sessions of superusers over TCP."),
  }),
  ...group("sessions", login, {
    howdah_transaction_max_seconds: gauge("Age of the oldest transaction of a login.", "seconds"),
    howdah_query_max_seconds: gauge("Age of the oldest running statement of a login.", "seconds"),
    howdah_idle_in_transaction_max_seconds: gauge("Longest time that a login is idle in a transaction.", "seconds"),
    howdah_session_max_seconds: gauge("Age of the oldest session of a login.", "seconds"),
  }),

  // Locks.
  ...group("locks", ["server", "datname", "mode"], {
    pg_locks_count: gauge("Locks by mode."),
  }),
  ...group("locks", server, {
    howdah_lock_table_capacity: gauge("Locks that the lock table is made for."),
    howdah_lock_table_used: gauge("Locks in the lock table; fast-path locks are not in it."),
  }),
  ...group("locks", perDatabase, {
    howdah_blocked_sessions: gauge("Sessions that wait for a lock."),
    howdah_lock_wait_max_seconds: gauge("Longest wait for a lock.", "seconds"),
    howdah_prepared_transactions: gauge("Prepared transactions."),
    howdah_prepared_transaction_max_seconds: gauge("Age of the oldest prepared transaction.", "seconds"),
  }),
  ...group("locks", ["server", "datname", "usename", "state"], {
    howdah_blocking_sessions: gauge("Sessions that block others and wait for none, by login and state."),
    howdah_blocking_sessions_max_seconds: gauge("Age of the oldest transaction of a blocking session.", "seconds"),
  }),

  // Transaction IDs.
  ...group("xid", perDatabase, {
    pg_database_wraparound_age_datfrozenxid_seconds: gauge("Age of the oldest transaction ID, in transactions."),
    pg_database_wraparound_age_datminmxid_seconds: gauge("Age of the oldest multixact ID, in multixacts."),
  }),
  ...group("xid", server, {
    // As rules of others have it for a query of their own.
    pg_txid_current: counter("Next transaction ID, with its epoch."),
  }),
  ...group("xid", ["server", "holder"], {
    howdah_xmin_horizon_age: gauge(
      "Transactions since the oldest snapshot that backends, standbys, replication slots or prepared transactions hold.",
    ),
  }),

  // Settings and configuration files.
  ...settingMetrics,
  ...group("settings", server, {
    howdah_settings_pending_restart: gauge("Settings that a restart would change."),
    howdah_settings_fingerprint: gauge("Number that changes with every setting."),
  }),
  ...group("settings", ["server", "name"], {
    howdah_setting_pending_restart: gauge("1 for a setting that a restart would change.", "boolean"),
  }),
  ...group("configuration files", ["server", "file"], {
    howdah_config_file_errors: gauge("Errors in postgresql.conf and its includes, or in pg_hba.conf."),
  }),

  // Roles.
  ...group("roles", ["server", "rolname"], {
    pg_roles_connection_limit: gauge("Connection limit of the login; -1 is none."),
    howdah_role_connections: gauge("Connections of the login."),
    howdah_role_idle_in_transaction_timeout_seconds: gauge(
      "idle_in_transaction_session_timeout of the login; 0 is none.",
      "seconds",
    ),
    howdah_role_statement_timeout_seconds: gauge("statement_timeout of the login; 0 is none.", "seconds"),
  }),
  ...group("roles", server, {
    howdah_roles_without_limit: gauge(
      "Logins without a connection limit; superusers and those that may create roles are not counted.",
    ),
    howdah_superusers: gauge("Logins that are superusers."),
  }),
} as const satisfies Record<string, MetricDefinition>;
