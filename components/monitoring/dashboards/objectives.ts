import { buckets, metric, promql } from "../expression";
import { pooledTransactionTime, probeErrors, type Span } from "../recording";
import { recoveryWindow } from "../alerts/storage";
import { age, max, rate, sum } from "./kit/expressions";
import { dashboard, gauge, heatmap, stat, stateTimeline, timeseries } from "./kit/model";
import { above, below, defaultSettings } from "./kit/thresholds";

/** Share of the probes that may fail; the same for all stacks. */
const allowed = 1 - defaultSettings.availability;
const burn = (span: Span) => promql`${probeErrors(span)} / ${allowed}`;

const probe = buckets("howdah_probe_duration_seconds");
const latency = (share: number) =>
  promql`histogram_quantile(${share}, sum by (le) (rate(${probe.over("$__rate_interval")})))`;
const failed = sum(promql`increase(${metric("howdah_probe_failures_total").over("$__range")})`);
const tried = sum(promql`increase(${metric("howdah_probe_attempts_total").over("$__range")})`);

export const objectives = dashboard({
  title: "Objectives",
  about: "What is promised, what was measured, and how much of the error budget is left.",
  rows: [
    {
      title: "Availability",
      lines: [
        {
          availability: gauge({
            title: "Availability",
            description:
              "Probes that succeeded in the period shown, in percent; below the objective, users have noticed.",
            unit: "percent",
            max: 100,
            queries: { shown: promql`${100} * (${1} - ${failed} / (${tried} > ${0}))` },
          }),
          "budget-left": gauge({
            title: "Error budget left",
            description:
              "Part of the error budget of the period shown that is left, in percent; with none left, the objective is missed.",
            unit: "percent",
            max: 100,
            queries: { left: promql`${100} * (${1} - ${failed} / (${tried} > ${0}) / ${allowed})` },
          }),
          budget: timeseries({
            title: "Burn rate",
            description: "How many times as fast as allowed the error budget is used up; at 1 it just lasts.",
            unit: "short",
            marks: above(
              "ErrorBudgetGoneInTwoDays",
              "ErrorBudgetGoneInFiveDays",
              "ErrorBudgetGoneInTenDays",
              "ErrorBudgetGoneInAMonth",
            ),
            width: 12,
            queries: { "1 hour": burn("1h"), "6 hours": burn("6h"), "1 day": burn("1d"), "3 days": burn("3d") },
          }),
        },
        {
          routes: stateTimeline({
            title: "Routes",
            description: "What an application sees; while a route is down, its statements fail.",
            unit: "none",
            states: { 0: "down", 1: "up" },
            marks: below("WriteProbeFailing"),
            queries: { "{{route}}": metric("howdah_probe_success") },
          }),
          failures: timeseries({
            title: "Failed probes",
            description: "Probes that fail a second, by route; each is a statement that an application lost.",
            unit: "cps",
            queries: { "{{route}}": sum(rate(metric("howdah_probe_failures_total")), "route") },
          }),
          "write-gap": stat({
            title: "Since the last write",
            description:
              "Time since a write last succeeded; longer than the recovery time objective, and a promise is broken.",
            unit: "s",
            queries: {
              "{{route}}": age(max(metric("howdah_probe_last_success_timestamp_seconds"), "route")),
              objective: max(metric("howdah_objective_rto_seconds")),
            },
          }),
        },
      ],
    },
    {
      title: "Latency",
      lines: [
        {
          latency: timeseries({
            title: "Latency of the probes",
            description: "Time of a simple statement, its login included; above the line, applications feel slow.",
            unit: "s",
            marks: above("ProbeLatency"),
            queries: { "99 %": latency(0.99), "95 %": latency(0.95), median: latency(0.5) },
          }),
          "latency-buckets": heatmap({
            title: "Distribution of the latency",
            description:
              "Probes by their time; a second band above the first is a cause that only some statements meet.",
            unit: "s",
            buckets: sum(promql`increase(${probe.over("$__rate_interval")})`, "le"),
          }),
          "transaction-time": timeseries({
            title: "Mean time of a transaction",
            description: "Time of a transaction through the pooler; above the line, applications feel slow.",
            unit: "s",
            marks: above("TransactionLatency"),
            queries: { "{{database}}": promql`${pooledTransactionTime}` },
          }),
        },
      ],
    },
    {
      title: "Recovery",
      lines: [
        {
          lag: timeseries({
            title: "Replication lag against the objective",
            description:
              "Lag of the slowest replica, and the loss that is allowed; with an objective of none, commits wait for a replica.",
            unit: "s",
            queries: {
              lag: max(metric("pg_replication_lag_seconds")),
              objective: max(metric("howdah_objective_rpo_seconds")),
            },
          }),
          "restore-time": timeseries({
            title: "Time of a restore",
            description:
              "Time that the last drill took until the server accepted writes; that is how long a disaster takes.",
            unit: "s",
            queries: { measured: max(metric("howdah_drill_rto_seconds")) },
          }),
          "archive-loss": timeseries({
            title: "Loss with all servers",
            description:
              "Time from a commit to the repository as last measured, and what is promised; a disaster loses that much.",
            unit: "s",
            queries: {
              measured: max(metric("howdah_drill_rpo_seconds")),
              promised: max(metric("howdah_archive_timeout_seconds")),
            },
          }),
          window: timeseries({
            title: "Recovery window",
            description:
              "Time back to the first restorable moment, in percent of what is promised; a young stack has less than 100.",
            unit: "percent",
            marks: below("RecoveryWindowShort"),
            queries: { window: recoveryWindow },
          }),
        },
      ],
    },
  ],
});
