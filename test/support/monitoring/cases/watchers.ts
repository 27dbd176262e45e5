import type { objectiveAlerts, watcherAlerts } from "../../../../components/monitoring/alerts/watchers";
import { rise, value, withLabel } from "../waves";
import { type Cases, node1, of } from "./case";

const target = (job: string, instance = "a") => ({ job, instance, host: "h1" }) as const;
const set = { set: "wal", ...node1 } as const;

/** Of a thousand probes, the share that may fail is one. */
const errors = (quiet: number, loud: number) =>
  of(
    {},
    rise("howdah_probe_attempts_total", { route: "read-write" }, 0.5),
    rise("howdah_probe_attempts_total", { route: "read-only" }, 0.5),
    rise("howdah_probe_failures_total", { route: "read-write" }, [quiet / 1000, loud / 1000]),
    rise("howdah_probe_failures_total", { route: "read-only" }, 0),
  );

export const watcherCases: Cases<keyof typeof watcherAlerts> = {
  TargetDown: { warning: of(target("collector"), value("up", target("collector"), [1, 0])) },
  TargetMissing: {
    warning: {
      ...of(
        { job: "patroni" },
        value("up", target("patroni", "a"), 1),
        value("up", target("patroni", "b"), [1, undefined]),
        value("up", target("etcd", "a"), 0),
      ),
      settings: { targets: { patroni: 2, etcd: 1 } },
    },
  },
  MetricsMissing: {
    critical: {
      ...of(
        { source: "patroni" },
        value("patroni_postgres_running", { scope: "main", name: "node1" }, [1, undefined]),
        value("howdah_collector_up", set, 0),
        value("howdah_collector_up", { set: "stack" }, 1),
      ),
      settings: { sources: ["patroni", "wal", "collector"] },
    },
  },
  CollectorFailing: { warning: of(set, value("howdah_collector_up", set, [1, 0])) },
  CollectorSlow: {
    warning: of(
      set,
      value("howdah_collector_duration_seconds", set, [15, 15.1]),
      value("howdah_collector_interval_seconds", { set: "wal" }, 30),
    ),
  },
  NotificationsFailing: {
    critical: of(
      { integration: "slack" },
      rise("alertmanager_notifications_total", { integration: "slack" }, 1),
      // One series until Alertmanager 0.25, one for each reason since.
      ...["clientError", "serverError"].map((reason) =>
        withLabel(
          rise("alertmanager_notifications_failed_total", { integration: "slack" }, [0.00495, 0.00505]),
          "reason",
          reason,
        ),
      ),
      rise("alertmanager_notifications_total", { integration: "email" }, 0),
      rise("alertmanager_notifications_failed_total", { integration: "email" }, 0),
    ),
  },
  AlertmanagerUnreachable: { critical: of({}, value("prometheus_notifications_alertmanagers_discovered", {}, [1, 0])) },
  AlertsNotDelivered: {
    critical: of(
      { alertmanager: "a" },
      rise("prometheus_notifications_errors_total", { alertmanager: "a" }, [0, 1 / 300]),
    ),
  },
  RulesFailing: {
    critical: of(
      { rule_group: "g" },
      rise("prometheus_rule_evaluation_failures_total", { rule_group: "g" }, [0, 1 / 300]),
    ),
  },
  RulesLate: {
    warning: of(
      { rule_group: "g" },
      rise("prometheus_rule_group_iterations_missed_total", { rule_group: "g" }, [0, 1 / 300]),
    ),
  },
  PrometheusReloadFailed: { warning: of({}, value("prometheus_config_last_reload_successful", {}, [1, 0])) },
  AlertmanagerReloadFailed: { warning: of({}, value("alertmanager_config_last_reload_successful", {}, [1, 0])) },
  Watchdog: { info: { ...of({}, value("up", target("node"), 1)), always: true } },
  PlannedWork: {
    info: of({ work: "update" }, value("howdah_planned_work", { work: "update" }, [0, 1])),
  },
};

export const objectiveCases: Cases<keyof typeof objectiveAlerts> = {
  ErrorBudgetGoneInTwoDays: { critical: errors(14.3, 14.5) },
  ErrorBudgetGoneInFiveDays: { critical: errors(5.9, 6.1) },
  ErrorBudgetGoneInTenDays: { warning: errors(2.9, 3.1) },
  // Three days take their time: far above, it fires before they are over, and ends with the six hours.
  ErrorBudgetGoneInAMonth: {
    warning: { ...errors(0.9, 20), quietFor: 6 * 3600, loudFor: 4 * 3600, afterFor: 6 * 3600 },
  },
};
