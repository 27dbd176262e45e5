import { metric, promql, type Selector } from "../expression";
import { pooledTransactions, pooledTransactionTime } from "../recording";
import { max, min, percent, rate, sum } from "./kit/expressions";
import { dashboard, gauge, stat, stateTimeline, timeseries } from "./kit/model";
import { above, below, from } from "./kit/thresholds";

const ofPool = (connections: Selector) => sum(connections, "database", "user");
const ofDatabase = (counter: Selector) => sum(rate(counter), "database");

const servers = {
  active: metric("pgbouncer_pools_server_active_connections"),
  idle: metric("pgbouncer_pools_server_idle_connections"),
  used: metric("pgbouncer_pools_server_used_connections"),
  tested: metric("pgbouncer_pools_server_testing_connections"),
  "logging in": metric("pgbouncer_pools_server_login_connections"),
} as const;

export const pooler = dashboard({
  title: "Pooler",
  about: "PgBouncer, through which all applications come: who waits, and what the pools are used for.",
  rows: [
    {
      title: "Clients",
      lines: [
        {
          up: stateTimeline({
            title: "PgBouncer",
            description: "Whether PgBouncer answers; while it does not, no application can connect.",
            unit: "none",
            states: { 0: "down", 1: "up" },
            marks: below("PgbouncerDown"),
            queries: { "{{instance}}": min(metric("pgbouncer_up"), "instance") },
          }),
          routes: stateTimeline({
            title: "Routes",
            description: "Kind of the server that a route leads to; writes that reach a replica fail.",
            unmarked: { RouteWrong: "It is about the route for writes alone: a replica is right for the other." },
            unit: "none",
            states: { 0: { text: "primary", color: "blue" }, 1: { text: "replica", color: "green" } },
            queries: { "{{route}}": metric("howdah_probe_in_recovery") },
          }),
        },
        {
          waiting: timeseries({
            title: "Waiting clients",
            description:
              "Clients that wait for a server connection; if any do for a minute, their application is slow.",
            unit: "short",
            marks: above("ClientsWaiting"),
            queries: { "{{user}} on {{database}}": ofPool(metric("pgbouncer_pools_client_waiting_connections")) },
          }),
          "longest-wait": timeseries({
            title: "Longest wait",
            description: "Time that the first client in the queue has been waiting; in the end it gets an error.",
            unit: "s",
            marks: above("ClientMaxWait"),
            queries: {
              "{{user}} on {{database}}": max(metric("pgbouncer_pools_client_maxwait_seconds"), "database", "user"),
            },
          }),
          "wait-share": timeseries({
            title: "Time spent waiting",
            description:
              "Seconds that clients wait for a server in each second; one means that one client waits all the time.",
            unit: "short",
            queries: { "{{database}}": ofDatabase(metric("pgbouncer_stats_client_wait_seconds_total")) },
          }),
        },
        {
          clients: gauge({
            title: "Client connections",
            description: "Clients in percent of max_client_conn; at 100 applications cannot connect.",
            unit: "percent",
            max: 100,
            marks: above("ClientConnections"),
            queries: {
              "{{instance}}": percent(
                metric("pgbouncer_used_clients"),
                metric("pgbouncer_config_max_client_connections"),
              ),
            },
          }),
          "active-clients": timeseries({
            title: "Clients",
            description:
              "Clients that have a server connection or are idle; a sudden drop means that an application has gone.",
            unit: "short",
            stacked: true,
            queries: { "{{user}} on {{database}}": ofPool(metric("pgbouncer_pools_client_active_connections")) },
          }),
          paused: stateTimeline({
            title: "Paused databases",
            description: "Databases that have been paused; their clients wait until they are resumed.",
            unit: "none",
            states: { 0: { text: "open", color: "green" }, 1: { text: "paused", color: "orange" } },
            marks: from("PoolPaused"),
            queries: { "{{name}}": max(metric("pgbouncer_databases_paused"), "name") },
          }),
        },
      ],
    },
    {
      title: "Servers",
      lines: [
        {
          usage: timeseries({
            title: "Pool usage",
            description:
              "Server connections in use, in percent of what the pool may open; at 100 further clients wait.",
            unit: "percent",
            marks: above("PoolUsage"),
            queries: {
              "{{user}} on {{database}}": percent(ofPool(servers.active), ofPool(metric("howdah_pool_limit"))),
            },
          }),
          servers: timeseries({
            title: "Server connections",
            description: "Server connections by state; many idle ones take connections that other pools could use.",
            unit: "short",
            stacked: true,
            queries: Object.fromEntries(
              Object.entries(servers).map(([state, connections]) => [state, sum(connections)]),
            ),
          }),
          logins: timeseries({
            title: "Logins at servers",
            description:
              "Server connections that have been logging in for a minute; PgBouncer cannot reach the server or is refused.",
            unit: "short",
            marks: above("ServerLoginsStuck"),
            queries: {
              "{{user}} on {{database}}": sum(
                promql`min_over_time(${servers["logging in"].over("$__rate_interval")})`,
                "database",
                "user",
              ),
            },
          }),
        },
        {
          limits: timeseries({
            title: "Connections and limits of databases",
            description: "Open server connections of each database; at its limit, further clients wait.",
            unit: "short",
            queries: {
              "{{name}} open": sum(metric("pgbouncer_databases_current_connections"), "name"),
              "{{name}} pool": max(metric("pgbouncer_databases_pool_size"), "name"),
              "{{name}} reserve": max(metric("pgbouncer_databases_reserve_pool"), "name"),
            },
          }),
          errors: timeseries({
            title: "Errors",
            description:
              "Errors in PgBouncer's log a minute; with each, an application loses a connection or gets none.",
            unit: "short",
            marks: above("PoolErrors"),
            queries: {
              errors: promql`${60} * ${sum(rate(metric("howdah_log_events_total", { event: "pooler error" })))}`,
            },
          }),
          disabled: stat({
            title: "Disabled databases",
            description: "Databases that PgBouncer refuses new clients for, by an operator's command.",
            unit: "short",
            queries: { disabled: sum(metric("pgbouncer_databases_disabled")) },
          }),
        },
      ],
    },
    {
      title: "Work",
      lines: [
        {
          transactions: timeseries({
            title: "Transactions",
            description: "Transactions a second; a sudden drop means that applications wait or have gone.",
            unit: "ops",
            queries: { "{{database}}": promql`${pooledTransactions}` },
          }),
          "transaction-time": timeseries({
            title: "Mean time of a transaction",
            description:
              "Time in which a transaction holds a server connection; above the line, applications feel slow.",
            unit: "s",
            marks: above("TransactionLatency"),
            queries: { "{{database}}": promql`${pooledTransactionTime}` },
          }),
          queries: timeseries({
            title: "Queries",
            description:
              "Queries a second; many more of them per transaction than usual come from a loop in an application.",
            unit: "ops",
            queries: { "{{database}}": ofDatabase(metric("pgbouncer_stats_queries_pooled_total")) },
          }),
          "query-time": timeseries({
            title: "Mean time of a query",
            description:
              "Time of a query; far less than that of a transaction means that applications think inside transactions.",
            unit: "s",
            queries: {
              "{{database}}": promql`${ofDatabase(metric("pgbouncer_stats_queries_duration_seconds_total"))} / (${ofDatabase(metric("pgbouncer_stats_queries_pooled_total"))} > ${0})`,
            },
          }),
        },
        {
          traffic: timeseries({
            title: "Traffic",
            description:
              "Bytes from and to clients a second; results that grow without more queries fetch rows that are not needed.",
            unit: "binBps",
            queries: {
              "{{database}} received": ofDatabase(metric("pgbouncer_stats_received_bytes_total")),
              "{{database}} sent": ofDatabase(metric("pgbouncer_stats_sent_bytes_total")),
            },
          }),
          assignments: timeseries({
            title: "Assignments",
            description:
              "Assignments of a server to a client, a second; many per transaction come from a pool in statement mode.",
            unit: "ops",
            queries: { "{{database}}": ofDatabase(metric("pgbouncer_stats_server_assignments_total")) },
          }),
          prepared: timeseries({
            title: "Prepared statements",
            description:
              "Prepared statements a second; as many at servers as from clients means that none is used twice.",
            unit: "ops",
            queries: {
              "{{database}} from clients": ofDatabase(metric("pgbouncer_stats_client_parses_total")),
              "{{database}} at servers": ofDatabase(metric("pgbouncer_stats_server_parses_total")),
              "{{database}} executions": ofDatabase(metric("pgbouncer_stats_binds_total")),
            },
          }),
        },
      ],
    },
  ],
});
