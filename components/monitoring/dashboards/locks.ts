import { metric, promql } from "../expression";
import { deadlocks } from "../recording";
import { max, percent, sum } from "./kit/expressions";
import { dashboard, gauge, table, timeseries } from "./kit/model";
import { above } from "./kit/thresholds";

const waiting = metric("pg_stat_activity_count", { wait_event_type: "Lock" });
/** Locks that reads or writes of a table wait for. */
const strong = ["sharelock", "sharerowexclusivelock", "exclusivelock", "accessexclusivelock"];

export const locks = dashboard({
  title: "Locks",
  about: "Who waits for whom, for how long, and whether room for locks runs out.",
  rows: [
    {
      title: "Waits",
      lines: [
        {
          blocked: timeseries({
            title: "Blocked sessions",
            description: "Sessions that wait for a lock; many of them mean that applications hang.",
            unit: "short",
            marks: above("BlockedSessions"),
            queries: { "{{server}}": sum(metric("howdah_blocked_sessions"), "server") },
          }),
          "longest-wait": timeseries({
            title: "Longest wait",
            description: "Time that a session has been waiting for a lock; its user waits, too.",
            unit: "s",
            marks: above("LockWait"),
            queries: { "{{server}} {{datname}}": max(metric("howdah_lock_wait_max_seconds"), "server", "datname") },
          }),
        },
        {
          blockers: table({
            title: "Who blocks",
            description:
              "Sessions that block others and wait for none; one that is idle in a transaction should be ended first.",
            labels: { server: "Server", datname: "Database", usename: "User", state: "State" },
            values: {
              Sessions: {
                expr: sum(metric("howdah_blocking_sessions"), "server", "datname", "usename", "state"),
                unit: "short",
              },
              "Oldest transaction": {
                expr: max(metric("howdah_blocking_sessions_max_seconds"), "server", "datname", "usename", "state"),
                unit: "s",
              },
            },
            sort: "Oldest transaction",
            detail: { title: "Sessions", dashboard: "sessions", variables: { server: "server", database: "datname" } },
          }),
          "blocker-age": timeseries({
            title: "Oldest transaction of a blocker",
            description:
              "Age of the transactions that others wait for; the older, the more sessions pile up behind it.",
            unit: "s",
            queries: {
              "{{usename}} in {{datname}}, {{state}}": max(
                metric("howdah_blocking_sessions_max_seconds"),
                "datname",
                "usename",
                "state",
              ),
            },
          }),
        },
        {
          "waits-by-kind": timeseries({
            title: "Waits by kind of lock",
            description:
              "Sessions that wait, by what they wait for; transactionid and tuple are rows, relation is a whole table.",
            unit: "short",
            stacked: true,
            queries: { "{{wait_event}}": sum(waiting, "wait_event") },
          }),
          "waits-by-user": timeseries({
            title: "Waits by user",
            description:
              "Sessions that wait for locks, by user; one application that blocks itself is a fault in its code.",
            unit: "short",
            stacked: true,
            queries: { "{{usename}} in {{datname}}": sum(waiting, "usename", "datname") },
          }),
          deadlocks: timeseries({
            title: "Deadlocks",
            description: "Deadlocks in five minutes; each aborts a transaction, and its application sees an error.",
            unit: "short",
            marks: above("Deadlocks"),
            queries: { "{{server}} {{datname}}": promql`${deadlocks}` },
          }),
        },
      ],
    },
    {
      title: "Locks that are held",
      lines: [
        {
          "lock-table": gauge({
            title: "Lock table",
            description: "Locks in percent of the room that the server has for them; if it runs out, statements fail.",
            unit: "percent",
            max: 100,
            marks: above("LockTableFull"),
            queries: { "{{server}}": percent(metric("howdah_lock_table_used"), metric("howdah_lock_table_capacity")) },
          }),
          modes: timeseries({
            title: "By mode",
            description: "Locks by mode; a rise of all of them is load, of a single one often a job or a migration.",
            unit: "short",
            stacked: true,
            width: 9,
            queries: { "{{mode}}": sum(metric("pg_locks_count"), "mode") },
          }),
          strong: timeseries({
            title: "Locks that block writes",
            description:
              "Locks that writes, or even reads, wait for; migrations take them, and should hold them for a moment only.",
            unit: "short",
            width: 9,
            queries: { "{{datname}} {{mode}}": sum(metric("pg_locks_count", { mode: strong }), "datname", "mode") },
          }),
        },
        {
          prepared: timeseries({
            title: "Oldest prepared transaction",
            description:
              "Age of prepared transactions; one without its end keeps locks and dead rows, even after a restart.",
            unit: "s",
            marks: above("PreparedTransactionOld"),
            queries: {
              "{{server}} {{datname}}": max(metric("howdah_prepared_transaction_max_seconds"), "server", "datname"),
            },
          }),
          "prepared-count": timeseries({
            title: "Prepared transactions",
            description:
              "Prepared transactions that wait for their end; a number that only grows comes from a broken coordinator.",
            unit: "short",
            queries: { "{{server}} {{datname}}": sum(metric("howdah_prepared_transactions"), "server", "datname") },
          }),
        },
      ],
    },
  ],
});
