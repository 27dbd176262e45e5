import { lostSessions } from "../../alerts/sessions";
import { metric, minutes, promql, type Selector } from "../../expression";
import { rollbackShare } from "../../recording";
import { rate, sum } from "../kit/expressions";
import { row, stat, timeseries } from "../kit/model";
import { above } from "../kit/thresholds";

const ended = (how: Selector) => sum(rate(how), "server");

export const ends = row({
  title: "How they end",
  lines: [
    {
      "new-sessions": timeseries({
        title: "New sessions",
        description: "Sessions begun a second; many mean that clients bypass the pooler or lose their connections.",
        unit: "cps",
        queries: { "{{datname}}": sum(rate(metric("pg_stat_database_sessions")), "datname") },
      }),
      ended: timeseries({
        title: "Lost sessions",
        description:
          "Sessions that did not end as their clients wanted, in percent; applications lose their connections.",
        unit: "percent",
        marks: above("SessionsKilledOrAbandoned"),
        queries: { "{{server}}": lostSessions },
      }),
      "ended-how": timeseries({
        title: "How sessions are lost",
        description:
          "Sessions lost a second: left by the client without a word, ended by an operator, or by a fatal error.",
        unit: "cps",
        stacked: true,
        queries: {
          "{{server}} abandoned": ended(metric("pg_stat_database_sessions_abandoned")),
          "{{server}} killed": ended(metric("pg_stat_database_sessions_killed")),
          "{{server}} fatal": ended(metric("pg_stat_database_sessions_fatal")),
        },
      }),
    },
    {
      rollbacks: timeseries({
        title: "Rollbacks",
        description: "Transactions that are rolled back, in percent; many mean that an application runs into errors.",
        unit: "percent",
        marks: above("RollbackRatio"),
        queries: { "{{server}} {{datname}}": promql`${rollbackShare}` },
      }),
      timeouts: timeseries({
        title: "Statement timeouts",
        description: "Statements a second that run into their time limit; applications see errors.",
        unit: "cps",
        marks: above("StatementTimeouts"),
        queries: { timeouts: sum(rate(metric("howdah_log_events_total", { event: "statement timeout" }))) },
      }),
      "transaction-states": timeseries({
        title: "Time in transactions",
        description:
          "Sessions that run statements, and that are idle in a transaction, on average; the second should be far fewer.",
        unit: "short",
        queries: {
          "{{datname}} active": sum(rate(metric("pg_stat_database_active_time_seconds_total")), "datname"),
          "{{datname}} idle in transaction": promql`${sum(rate(metric("pg_stat_database_idle_in_transaction_time")), "datname")} / ${1000}`,
        },
      }),
    },
  ],
});

export const security = row({
  title: "Security",
  lines: [
    {
      "failed-logins": timeseries({
        title: "Failed logins",
        description: "Failed logins in five minutes; an application has a wrong password, or an attacker tries some.",
        unit: "short",
        marks: above("AuthFailures"),
        queries: {
          logins: sum(
            promql`increase(${metric("howdah_log_events_total", { event: "authentication failure" }).over(minutes(5))})`,
          ),
        },
      }),
      plain: stat({
        title: "Sessions without TLS",
        description: "Clients over TCP without encryption; others on the network can read along.",
        unit: "short",
        marks: above("PlainConnections"),
        queries: { "{{server}}": metric("howdah_plain_sessions") },
      }),
      superusers: stat({
        title: "Superusers over TCP",
        description: "Superusers that are connected over the network, with rights that no application needs.",
        unit: "short",
        marks: above("SuperuserOverTcp"),
        queries: { "{{server}}": metric("howdah_superuser_tcp_sessions") },
      }),
    },
  ],
});
