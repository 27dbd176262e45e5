import type { poolerAlerts } from "../../../../components/monitoring/alerts/pooler";
import { rise, value } from "../waves";
import { type Cases, of } from "./case";

const pool = { database: "app", user: "shop" } as const;
const other = { database: "app", user: "reports" } as const;

const usage = (quiet: number, loud: number) =>
  of(
    pool,
    value("pgbouncer_pools_server_active_connections", pool, [quiet, loud]),
    value("howdah_pool_limit", pool, 200),
    value("pgbouncer_pools_server_active_connections", other, 9),
    value("howdah_pool_limit", other, 0),
  );

const clients = (quiet: number, loud: number) =>
  of(
    {},
    value("pgbouncer_used_clients", {}, [quiet, loud]),
    value("pgbouncer_config_max_client_connections", {}, 1000),
  );

export const poolerCases: Cases<keyof typeof poolerAlerts> = {
  PgbouncerDown: { critical: of({}, value("pgbouncer_up", {}, [1, 0])) },
  ClientsWaiting: {
    warning: of(
      pool,
      value("pgbouncer_pools_client_waiting_connections", pool, [0, 1]),
      value("pgbouncer_pools_client_waiting_connections", other, 0),
    ),
  },
  ClientMaxWait: {
    critical: of(pool, value("pgbouncer_pools_client_maxwait_seconds", pool, [5, 5.1])),
    warning: of(pool, value("pgbouncer_pools_client_maxwait_seconds", pool, [1, 1.1])),
  },
  PoolUsage: { critical: usage(180, 181), warning: usage(160, 161), info: usage(150, 151) },
  ClientConnections: { critical: clients(950, 951), warning: clients(800, 801) },
  ServerLoginsStuck: { warning: of(pool, value("pgbouncer_pools_server_login_connections", pool, [0, 1])) },
  PoolPaused: {
    warning: of(
      { name: "app", host: "127.0.0.1", port: "6433", database: "app" },
      value("pgbouncer_databases_paused", { name: "app", host: "127.0.0.1", port: "6433", database: "app" }, [0, 1]),
    ),
  },
  RouteWrong: {
    critical: of(
      { route: "read-write" },
      value("howdah_probe_in_recovery", { route: "read-write" }, [0, 1]),
      value("howdah_probe_in_recovery", { route: "read-only" }, 1),
    ),
  },
  PoolErrors: {
    warning: of(
      {},
      rise("howdah_log_events_total", { service: "pgbouncer", event: "pooler error" }, [9.9 / 60, 10.1 / 60]),
      rise("howdah_log_events_total", { service: "node1", event: "authentication failure" }, 9),
    ),
  },
};
