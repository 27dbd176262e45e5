import { budgetUsed, idleShare, patient } from "../alerts/sessions";
import { metric, promql } from "../expression";
import { connectionsUsed } from "../recording";
import { max, percent, sum, top } from "./kit/expressions";
import { barGauge, dashboard, gauge, stat, timeseries } from "./kit/model";
import { ends, security } from "./rows/sessions-ends";
import { above, from } from "./kit/thresholds";

const sessionsBy = (label: "state" | "usename" | "application_name" | "datname" | "backend_type") =>
  sum(metric("pg_stat_activity_count"), label);
const active = metric("pg_stat_activity_count", { state: "active", backend_type: "client backend" });
const ofLogin = ["server", "datname", "usename"] as const;

const perCpu = "Its level is per CPU, and dashboards are the same for all servers.";

/** Of the overview, too. */
export const usedConnections = gauge({
  title: "Connections",
  description: "Connections in percent of those that applications may have; at 100 they cannot connect.",
  unit: "percent",
  max: 100,
  marks: above("ConnectionsHigh"),
  queries: { "{{server}}": promql`${connectionsUsed}` },
});

export const sessions = dashboard({
  title: "Sessions",
  about: "Who is connected, what they wait for, and whose transactions stand in the way of others.",
  rows: [
    {
      title: "Connections",
      lines: [
        {
          "connections-used": usedConnections,
          "by-state": timeseries({
            title: "By state",
            description: "Sessions by state; those that are idle in a transaction hold locks while nothing happens.",
            unit: "short",
            stacked: true,
            width: 9,
            queries: { "{{state}}": sessionsBy("state") },
          }),
          active: timeseries({
            title: "Active sessions",
            description: "Sessions that run a statement; many more than CPUs means that they wait for each other.",
            unmarked: { LoadHigh: perCpu },
            unit: "short",
            width: 9,
            queries: { "{{server}}": sum(active, "server") },
          }),
        },
        {
          waits: timeseries({
            title: "Active sessions by what they wait for",
            description:
              "Average active sessions; what fills the graph is what makes the server slow, and CPU is no wait at all.",
            unmarked: { IoWaitSessions: perCpu },
            unit: "short",
            stacked: true,
            queries: { "{{wait_event_type}}": sum(active, "wait_event_type") },
          }),
          "wait-events": timeseries({
            title: "Most frequent waits",
            description: "The events that active sessions wait for most; locks, WAL and disk each have another remedy.",
            unit: "short",
            stacked: true,
            queries: { "{{wait_event_type}}: {{wait_event}}": top(sum(active, "wait_event_type", "wait_event")) },
          }),
        },
      ],
    },
    {
      title: "Who is connected",
      lines: [
        {
          "by-user": timeseries({
            title: "By user",
            description: "Sessions of each user; one that grows without end does not give its connections back.",
            unit: "short",
            stacked: true,
            queries: { "{{usename}}": sessionsBy("usename") },
          }),
          "by-application": timeseries({
            title: "By application",
            description: "Sessions by the name that a client gives itself; other is what came after the first twenty.",
            unit: "short",
            stacked: true,
            queries: { "{{application_name}}": sessionsBy("application_name") },
          }),
          "by-database": timeseries({
            title: "By database",
            description: "Sessions of each database; all of them share the connections of the server.",
            unit: "short",
            stacked: true,
            queries: { "{{datname}}": sessionsBy("datname") },
          }),
        },
        {
          "role-limits": barGauge({
            title: "Connection limits",
            description: "Connections of each login in percent of its limit; at 100 its application cannot connect.",
            unit: "percent",
            max: 100,
            marks: from("RoleLimitNear"),
            queries: {
              "{{rolname}} on {{server}}": percent(
                metric("howdah_role_connections"),
                metric("pg_roles_connection_limit"),
              ),
            },
          }),
          budget: barGauge({
            title: "Pool budgets",
            description:
              "Connections of each login in percent of what its pools may open; above 100 it bypasses the pooler.",
            unit: "percent",
            marks: above("BudgetExceeded"),
            queries: { "{{rolname}}": budgetUsed },
          }),
          unlimited: stat({
            title: "Logins without a limit",
            description: "Logins that could take the connections of all others.",
            unit: "short",
            marks: above("RoleUnlimited"),
            queries: { "{{server}}": metric("howdah_roles_without_limit") },
          }),
        },
      ],
    },
    {
      title: "Long ones",
      lines: [
        {
          "oldest-transaction": timeseries({
            title: "Oldest transaction",
            description:
              "Age of the oldest transaction of each login; while it is open, dead rows stay and tables grow.",
            unit: "s",
            marks: above("LongTransaction"),
            queries: {
              "{{usename}} in {{datname}}": max(
                metric("howdah_transaction_max_seconds", { usename: { not: patient } }),
                ...ofLogin,
              ),
            },
          }),
          "longest-query": timeseries({
            title: "Longest statement",
            description: "Age of the oldest running statement of each login; a user still waits for it, or has gone.",
            unit: "s",
            marks: above("LongQuery"),
            queries: {
              "{{usename}} in {{datname}}": max(
                metric("howdah_query_max_seconds", { usename: { not: patient } }),
                ...ofLogin,
              ),
            },
          }),
        },
        {
          "idle-in-transaction": timeseries({
            title: "Idle in transaction",
            description:
              "Longest time that a login is idle in a transaction, in percent of its timeout; its locks block others.",
            unit: "percent",
            marks: above("IdleInTransaction"),
            queries: { "{{usename}} in {{datname}}": max(idleShare, ...ofLogin) },
          }),
          "session-age": timeseries({
            title: "Oldest session",
            description: "Age of the oldest session of each login; one of days may hold memory that others need.",
            unit: "s",
            queries: { "{{usename}} in {{datname}}": max(metric("howdah_session_max_seconds"), ...ofLogin) },
          }),
          "long-transactions": timeseries({
            title: "Transactions older than a minute",
            description: "Transactions that are open for more than a minute; applications should need seconds.",
            unit: "short",
            queries: { "{{server}}": metric("pg_long_running_transactions") },
          }),
        },
      ],
    },
    ends,
    security,
  ],
});
