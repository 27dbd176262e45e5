import type { sessionAlerts } from "../../../../components/monitoring/alerts/sessions";
import { rise, value } from "../waves";
import { type Cases, node1, of } from "./case";

const node2 = { server: "node2" } as const;
const database = { ...node1, datname: "app" } as const;
const statistics = { ...database, datid: "1" } as const;
const login = { ...database, usename: "shop" } as const;
const role = { ...node1, rolname: "shop" } as const;

const connections = (quiet: number, loud: number) =>
  of(
    node1,
    value("howdah_connections", node1, [quiet, loud]),
    value("pg_settings_max_connections", node1, 110),
    value("pg_settings_superuser_reserved_connections", node1, 4),
    value("pg_settings_reserved_connections", node1, 6),
    // Before PostgreSQL 16.
    value("howdah_connections", node2, 50),
    value("pg_settings_max_connections", node2, 103),
    value("pg_settings_superuser_reserved_connections", node2, 3),
  );

const ended = (abandoned: readonly [number, number]) =>
  of(
    node1,
    rise("pg_stat_database_sessions", statistics, 1),
    rise("pg_stat_database_sessions_abandoned", statistics, abandoned),
    rise("pg_stat_database_sessions_killed", statistics, 0.003),
    rise("pg_stat_database_sessions_fatal", statistics, 0.003),
    // Those who watch the servers just leave.
    rise("pg_stat_database_sessions", { ...statistics, datname: "postgres" }, 1),
    rise("pg_stat_database_sessions_abandoned", { ...statistics, datname: "postgres" }, 1),
    rise("pg_stat_database_sessions_killed", { ...statistics, datname: "postgres" }, 0),
    rise("pg_stat_database_sessions_fatal", { ...statistics, datname: "postgres" }, 0),
    // Two of ten sessions in half an hour: too few to say anything.
    rise("pg_stat_database_sessions", { ...node2, datid: "1", datname: "app" }, 10 / 1800),
    rise("pg_stat_database_sessions_abandoned", { ...node2, datid: "1", datname: "app" }, 2 / 1800),
    rise("pg_stat_database_sessions_killed", { ...node2, datid: "1", datname: "app" }, 0),
    rise("pg_stat_database_sessions_fatal", { ...node2, datid: "1", datname: "app" }, 0),
  );

/** A login with a timeout of 60 s; another one without any may be idle for 10 minutes. */
const idle = (quiet: number, loud: number, without: number) =>
  of(
    login,
    value("howdah_idle_in_transaction_max_seconds", login, [quiet, loud]),
    value("howdah_role_idle_in_transaction_timeout_seconds", role, 60),
    value("howdah_idle_in_transaction_max_seconds", { ...login, usename: "free" }, without),
    value("howdah_role_idle_in_transaction_timeout_seconds", { ...role, rolname: "free" }, 0),
  );

const horizon = (quiet: number, loud: number) =>
  of(
    { ...node1, holder: "slot" },
    value("howdah_xmin_horizon_age", { ...node1, holder: "slot" }, [quiet, loud]),
    value("pg_settings_autovacuum_freeze_max_age", node1, 200),
  );

const locks = (quiet: number, loud: number) =>
  of(node1, value("howdah_lock_table_used", node1, [quiet, loud]), value("howdah_lock_table_capacity", node1, 1000));

const longest = (name: "howdah_transaction_max_seconds" | "howdah_query_max_seconds", quiet: number, loud: number) =>
  of(
    login,
    value(name, login, [quiet, loud]),
    value(name, { ...login, usename: "howdah_dump" }, 9999),
    value(name, { ...login, usename: "" }, 9999),
  );

export const sessionCases: Cases<keyof typeof sessionAlerts> = {
  ConnectionsHigh: { critical: connections(90, 91), warning: connections(75, 76) },
  RoleLimitNear: {
    warning: of(
      role,
      value("howdah_role_connections", role, [89, 90]),
      value("pg_roles_connection_limit", role, 100),
      value("howdah_role_connections", { ...role, rolname: "unlimited" }, 999),
      value("pg_roles_connection_limit", { ...role, rolname: "unlimited" }, -1),
    ),
  },
  BudgetExceeded: {
    warning: of(
      { rolname: "shop" },
      value("howdah_role_connections", role, [10, 11]),
      value("howdah_role_connections", { ...role, ...node2 }, 20),
      value("howdah_pool_limit", { database: "app", user: "shop" }, 15),
      value("howdah_pool_limit", { database: "app_ro", user: "shop" }, 15),
    ),
  },
  LongTransaction: {
    critical: longest("howdah_transaction_max_seconds", 3600, 3601),
    warning: longest("howdah_transaction_max_seconds", 900, 901),
  },
  LongQuery: {
    critical: longest("howdah_query_max_seconds", 1800, 1801),
    warning: longest("howdah_query_max_seconds", 300, 301),
  },
  IdleInTransaction: { critical: idle(60, 61, 600), warning: idle(30, 31, 300) },
  LockWait: {
    critical: of(database, value("howdah_lock_wait_max_seconds", database, [300, 301])),
    warning: of(database, value("howdah_lock_wait_max_seconds", database, [60, 61])),
  },
  BlockedSessions: {
    critical: of(
      node1,
      value("howdah_blocked_sessions", database, [10, 11]),
      value("howdah_blocked_sessions", { ...node1, datname: "shop" }, 10),
    ),
    warning: of(
      node1,
      value("howdah_blocked_sessions", database, [3, 4]),
      value("howdah_blocked_sessions", { ...node1, datname: "shop" }, 2),
    ),
  },
  Deadlocks: {
    critical: of(database, rise("pg_stat_database_deadlocks", statistics, [9.9 / 300, 11 / 300])),
    warning: of(database, rise("pg_stat_database_deadlocks", statistics, [0, 1 / 300])),
  },
  PreparedTransactionOld: {
    critical: of(database, value("howdah_prepared_transaction_max_seconds", database, [3600, 3601])),
    warning: of(database, value("howdah_prepared_transaction_max_seconds", database, [300, 301])),
  },
  StatementTimeouts: {
    critical: of(
      {},
      rise("howdah_log_events_total", { service: "node1", event: "statement timeout" }, [2.9, 3.1]),
      rise("howdah_log_events_total", { service: "node1", event: "authentication failure" }, 9),
    ),
  },
  RollbackRatio: {
    warning: of(
      database,
      rise("pg_stat_database_xact_commit", statistics, 90),
      rise("pg_stat_database_xact_rollback", statistics, [9.9, 10.1]),
      // Half of all, but one in two seconds.
      rise("pg_stat_database_xact_commit", { ...node1, datid: "2", datname: "quiet" }, 0.5),
      rise("pg_stat_database_xact_rollback", { ...node1, datid: "2", datname: "quiet" }, 0.5),
    ),
  },
  SessionsKilledOrAbandoned: { critical: ended([0.0439, 0.0441]), warning: ended([0.0039, 0.0041]) },
  XminHorizonHeld: { critical: horizon(160, 161), warning: horizon(100, 101) },
  LockTableFull: { critical: locks(500, 501), warning: locks(200, 201) },
};
