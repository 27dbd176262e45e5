import { metric, minutes, promql, type Selector } from "../expression";
import { area } from "./alert";

const ofPool = (connections: Selector) => promql`sum by (database, user) (${connections})`;

/** PgBouncer, through which all applications come. */
export const poolerAlerts = area({
  PgbouncerDown: {
    nature: "symptom",
    summary: "PgBouncer does not answer: applications cannot connect.",
    panel: "pooler/up",
    levels: { critical: { limit: 1, for: minutes(1) } },
    expr: (limit) => promql`${metric("pgbouncer_up")} < ${limit}`,
  },
  ClientsWaiting: {
    nature: "symptom",
    summary:
      "Clients of {{ $labels.user }} wait for a connection to {{ $labels.database }}: its application feels slow.",
    panel: "pooler/waiting",
    levels: { warning: { limit: 0, for: minutes(1), keep: minutes(2) } },
    expr: (limit) => promql`${ofPool(metric("pgbouncer_pools_client_waiting_connections"))} > ${limit}`,
    hiddenBy: { NoWriter: [], ClientMaxWait: ["database", "user"] },
    quietDuringWork: true,
  },
  ClientMaxWait: {
    nature: "symptom",
    summary:
      "A client of {{ $labels.user }} waits for seconds for a connection to {{ $labels.database }}: soon it gets an error.",
    panel: "pooler/longest-wait",
    levels: { critical: { limit: 5, for: minutes(1) }, warning: { limit: 1, for: minutes(1), keep: minutes(2) } },
    expr: (limit) => promql`max by (database, user) (${metric("pgbouncer_pools_client_maxwait_seconds")}) > ${limit}`,
    hiddenBy: { NoWriter: [] },
    quietDuringWork: true,
  },
  PoolUsage: {
    nature: "cause",
    summary:
      "The pool of {{ $labels.user }} on {{ $labels.database }} is nearly used up: further clients have to wait.",
    panel: "pooler/usage",
    levels: {
      critical: { limit: 90, for: minutes(2) },
      warning: { limit: 80, for: minutes(2) },
      info: { limit: 75, for: minutes(2) },
    },
    expr: (limit) =>
      promql`${100} * ${ofPool(metric("pgbouncer_pools_server_active_connections"))} / (${ofPool(metric("howdah_pool_limit"))} > ${0}) > ${limit}`,
    hiddenBy: { ClientMaxWait: ["database", "user"] },
  },
  ClientConnections: {
    nature: "cause",
    summary: "PgBouncer is nearly out of client connections: then applications cannot connect.",
    panel: "pooler/clients",
    levels: { critical: { limit: 95, for: minutes(1) }, warning: { limit: 80, for: minutes(1) } },
    expr: (limit) =>
      promql`${100} * ${metric("pgbouncer_used_clients")} / ${metric("pgbouncer_config_max_client_connections")} > ${limit}`,
  },
  ServerLoginsStuck: {
    nature: "cause",
    summary: "PgBouncer cannot log in to PostgreSQL as {{ $labels.user }}: its clients have to wait.",
    panel: "pooler/logins",
    levels: { warning: { limit: 0, for: minutes(2) } },
    expr: (limit) => {
      const logins = metric("pgbouncer_pools_server_login_connections").over(minutes(1));
      return promql`sum by (database, user) (min_over_time(${logins})) > ${limit}`;
    },
    hiddenBy: { NoWriter: [] },
    quietDuringWork: true,
  },
  PoolPaused: {
    nature: "symptom",
    summary: "Database {{ $labels.name }} has been paused in PgBouncer: its clients wait until it is resumed.",
    panel: "pooler/paused",
    levels: { warning: { limit: 1, for: minutes(1) } },
    expr: (limit) => promql`${metric("pgbouncer_databases_paused")} >= ${limit}`,
    quietDuringWork: true,
  },
  RouteWrong: {
    nature: "symptom",
    summary: "The pooler leads writes to a server that only reads: applications see errors.",
    panel: "pooler/routes",
    levels: { critical: { limit: 1, for: 15 } },
    expr: (limit) => promql`${metric("howdah_probe_in_recovery", { route: "read-write" })} >= ${limit}`,
    quietDuringWork: true,
  },
  PoolErrors: {
    nature: "symptom",
    summary: "PgBouncer reports many errors: applications lose their connections.",
    panel: "pooler/errors",
    levels: { warning: { limit: 10, for: minutes(2) } },
    expr: (limit) => {
      const errors = metric("howdah_log_events_total", { event: "pooler error" }).over(minutes(5));
      return promql`${60} * sum(rate(${errors})) > ${limit}`;
    },
    quietDuringWork: true,
  },
});
