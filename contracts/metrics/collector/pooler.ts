import { counter, gauge, histogram, group, type MetricDefinition } from "../definition";

const pool = ["database", "user"] as const;
const poolerDatabase = ["name", "host", "port", "database", "force_user", "pool_mode"] as const;
const probe = ["route"] as const;

/** PgBouncer, and what an application sees through it. */
export const poolerMetrics = {
  // What an application sees, through PgBouncer.
  ...group("probe", probe, {
    howdah_probe_success: gauge("1 if the last probe through the pooler succeeded.", "boolean"),
    howdah_probe_attempts_total: counter("Probes through the pooler."),
    howdah_probe_failures_total: counter("Probes through the pooler that failed."),
    howdah_probe_duration_seconds: histogram("Duration of a probe that succeeded, its login included.", "seconds"),
    howdah_probe_last_success_timestamp_seconds: gauge("End of the last probe that succeeded.", "timestamp"),
    howdah_probe_in_recovery: gauge("1 if the server that answered the last probe is in recovery.", "boolean"),
  }),

  // PgBouncer's console.
  ...group("pooler", [], {
    pgbouncer_up: gauge("1 if PgBouncer's console answers.", "boolean"),
    pgbouncer_databases: gauge("Databases of PgBouncer."),
    pgbouncer_users: gauge("Users of PgBouncer."),
    pgbouncer_pools: gauge("Pools of PgBouncer."),
    pgbouncer_free_clients: gauge("Free client slots."),
    pgbouncer_used_clients: gauge("Used client slots."),
    pgbouncer_login_clients: gauge("Clients that log in."),
    pgbouncer_free_servers: gauge("Free server slots."),
    pgbouncer_used_servers: gauge("Used server slots."),
    pgbouncer_config_max_client_connections: gauge("Largest number of clients."),
    pgbouncer_config_max_user_connections: gauge("Largest number of server connections of a user; 0 is no limit."),
  }),
  ...group("pooler", ["version"], {
    pgbouncer_version_info: gauge("Version of PgBouncer.", "info"),
  }),
  ...group("pooler", pool, {
    pgbouncer_pools_client_active_connections: gauge("Clients that have a server connection, or are idle."),
    pgbouncer_pools_client_waiting_connections: gauge("Clients that wait for a server connection."),
    pgbouncer_pools_client_active_cancel_connections: gauge("Clients that have forwarded a cancel request."),
    pgbouncer_pools_client_waiting_cancel_connections: gauge("Clients whose cancel request has not been forwarded."),
    pgbouncer_pools_server_active_connections: gauge("Server connections that serve a client."),
    pgbouncer_pools_server_active_cancel_connections: gauge("Server connections that forward a cancel request."),
    pgbouncer_pools_server_being_canceled_connections: gauge("Server connections that wait for a cancel request."),
    pgbouncer_pools_server_idle_connections: gauge("Server connections that are idle."),
    pgbouncer_pools_server_used_connections: gauge("Server connections that have to be checked."),
    pgbouncer_pools_server_testing_connections: gauge("Server connections that are being checked or reset."),
    pgbouncer_pools_server_login_connections: gauge("Server connections that log in."),
    pgbouncer_pools_client_maxwait_seconds: gauge("Longest wait of a client.", "seconds"),
    howdah_pool_limit: gauge("Server connections that PgBouncer opens at most for the user on the database."),
  }),
  ...group("pooler", poolerDatabase, {
    pgbouncer_databases_pool_size: gauge("Server connections for one user."),
    pgbouncer_databases_reserve_pool: gauge("Further server connections for one user under load."),
    pgbouncer_databases_max_connections: gauge("Server connections of the database; 0 is no limit."),
    pgbouncer_databases_current_connections: gauge("Server connections that are open."),
    pgbouncer_databases_paused: gauge("1 if the database is paused.", "boolean"),
    pgbouncer_databases_disabled: gauge("1 if the database is disabled.", "boolean"),
  }),
  ...group("pooler", ["database"], {
    pgbouncer_stats_queries_pooled_total: counter("Queries."),
    pgbouncer_stats_queries_duration_seconds_total: counter("Time of queries.", "seconds"),
    pgbouncer_stats_received_bytes_total: counter("Bytes from clients.", "bytes"),
    pgbouncer_stats_sent_bytes_total: counter("Bytes to clients.", "bytes"),
    pgbouncer_stats_client_wait_seconds_total: counter("Time that clients have waited for a server.", "seconds"),
    pgbouncer_stats_sql_transactions_pooled_total: counter("Transactions."),
    pgbouncer_stats_server_in_transaction_seconds_total: counter("Time in transactions.", "seconds"),
    pgbouncer_stats_server_assignments_total: counter("Assignments of a server to a client (PgBouncer 1.21)."),
    pgbouncer_stats_client_parses_total: counter("Prepared statements of clients (PgBouncer 1.24)."),
    pgbouncer_stats_server_parses_total: counter("Prepared statements sent to servers (PgBouncer 1.24)."),
    pgbouncer_stats_binds_total: counter("Executions of prepared statements (PgBouncer 1.24)."),
  }),
} as const satisfies Record<string, MetricDefinition>;
