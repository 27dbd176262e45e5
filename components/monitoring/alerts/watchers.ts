import type { SetName } from "../../../contracts/metrics/collector";
import { hours, labelled, metric, minutes, promql, type Selector, union } from "../expression";
import { probeErrors, type Span } from "../recording";
import { type Alert, area, type Source } from "./alert";

/** How many times as fast as allowed the error budget of 30 days is used up: over a long time, and still now. */
const burn =
  (long: Span, short: Span): Alert["expr"] =>
  (limit, { availability }) => {
    const allowed = limit * (1 - availability);
    return promql`${probeErrors(long)} > ${allowed} and ${probeErrors(short)} > ${allowed}`;
  };

/** Notifications a second. Since Alertmanager 0.26 those that failed have their reason as a label. */
const perIntegration = (name: "alertmanager_notifications_total" | "alertmanager_notifications_failed_total") =>
  promql`sum by (instance, integration) (rate(${metric(name).over(minutes(5))}))`;

/** What each program always says while it is scraped. */
const signsOfLife = {
  collector: metric("howdah_collector_up", { set: "stack" }),
  patroni: metric("patroni_postgres_running"),
  etcd: metric("etcd_server_has_leader"),
  haproxy: metric("haproxy_process_start_time_seconds"),
  node: metric("node_boot_time_seconds"),
  prometheus: metric("prometheus_config_last_reload_successful"),
  alertmanager: metric("alertmanager_config_last_reload_successful"),
} as const;

/** Sets that critical alerts read. Others depend on the version, or on extensions. */
const vitalSets = [
  "availability",
  "probe",
  "replication",
  "wal",
  "wal files",
  "database",
  "sessions",
  "locks",
  "xid",
  "settings",
  "configuration files",
  "roles",
  "sequences",
  "pooler",
  "services",
  "logs",
  "certificates",
  "backups",
  "backup runs",
  "repository",
  "drills",
] as const satisfies readonly SetName[];

type Vital = (typeof vitalSets)[number] | keyof typeof signsOfLife;
const isVital = (source: Source): source is Vital =>
  source in signsOfLife || vitalSets.some((vital) => vital === source);

/** A series without which nothing is known from a source, and alerts on it are silent however bad it is. */
const heartbeat = (source: Vital): Selector =>
  source in signsOfLife
    ? signsOfLife[source as keyof typeof signsOfLife]
    : metric("howdah_collector_up", { set: source });

/** Those that watch: if they fail, nothing else is noticed. */
export const watcherAlerts = area({
  TargetDown: {
    nature: "cause",
    summary: "{{ $labels.job }} ({{ $labels.instance }}) cannot be scraped: what it watches goes unnoticed.",
    panel: "overview/targets",
    levels: { warning: { limit: 1, for: minutes(2) } },
    expr: (limit) => promql`${metric("up")} < ${limit}`,
    hiddenBy: {
      HostDown: ["host"],
      PatroniDown: ["job", "instance"],
      EtcdMemberDown: ["job", "instance"],
      HaproxyDown: ["job", "instance"],
    },
    quietDuringWork: true,
  },
  TargetMissing: {
    nature: "cause",
    summary:
      "Prometheus does not know all targets of {{ $labels.job }} that are declared: what they watch goes unnoticed.",
    panel: "overview/targets",
    levels: { warning: { limit: 0, for: minutes(5) } },
    expr: (limit, { targets }) =>
      union(
        Object.entries(targets).map(([job, declared]) => {
          const known = promql`(count(${metric("up", { job })}) or vector(${0}))`;
          return labelled(promql`${declared} - ${known} > ${limit}`, "job", job);
        }),
      ),
  },
  MetricsMissing: {
    nature: "cause",
    summary: "There are no figures from {{ $labels.source }}: what they watch goes unnoticed.",
    panel: "overview/targets",
    levels: { critical: { limit: 1, for: minutes(5) } },
    expr: (limit, { sources }) =>
      union(
        sources
          .filter((source) => isVital(source))
          .map((source) => labelled(promql`absent(${heartbeat(source)}) >= ${limit}`, "source", source)),
      ),
    quietDuringWork: true,
  },
  CollectorFailing: {
    nature: "cause",
    summary: "The collector gets no figures of set {{ $labels.set }}: what it watches goes unnoticed.",
    panel: "overview/collector-failures",
    levels: { warning: { limit: 1, for: minutes(10) } },
    expr: (limit) => promql`${metric("howdah_collector_up")} < ${limit}`,
    hiddenBy: { PostgresDown: ["server"], NoWriter: [] },
  },
  CollectorSlow: {
    nature: "cause",
    summary: "The collector takes too long for set {{ $labels.set }}: its figures may be late.",
    panel: "overview/collector",
    levels: { warning: { limit: 50, for: minutes(10) } },
    expr: (limit) =>
      promql`${100} * ${metric("howdah_collector_duration_seconds")} / on (set) group_left () max by (set) (${metric("howdah_collector_interval_seconds")}) > ${limit}`,
  },
  NotificationsFailing: {
    nature: "cause",
    summary: "Notifications by {{ $labels.integration }} fail: alerts do not reach those on call.",
    panel: "overview/notifications",
    levels: { critical: { limit: 1, for: minutes(5) } },
    expr: (limit) =>
      promql`${100} * ${perIntegration("alertmanager_notifications_failed_total")} / (${perIntegration("alertmanager_notifications_total")} > ${0}) > ${limit}`,
  },
  AlertmanagerUnreachable: {
    nature: "cause",
    summary: "Prometheus reaches no Alertmanager: no alert is sent.",
    panel: "overview/alertmanagers",
    levels: { critical: { limit: 1, for: minutes(5) } },
    expr: (limit) => promql`${metric("prometheus_notifications_alertmanagers_discovered")} < ${limit}`,
  },
  AlertsNotDelivered: {
    nature: "cause",
    summary: "Alertmanager does not take alerts: those on call hear of them late, or not at all.",
    panel: "overview/undelivered",
    levels: { critical: { limit: 0, for: minutes(5) } },
    expr: (limit) => promql`increase(${metric("prometheus_notifications_errors_total").over(minutes(5))}) > ${limit}`,
  },
  RulesFailing: {
    nature: "cause",
    summary: "Rules of {{ $labels.rule_group }} cannot be evaluated: their alerts do not fire.",
    panel: "overview/rules",
    levels: { critical: { limit: 0, for: minutes(5) } },
    expr: (limit) =>
      promql`increase(${metric("prometheus_rule_evaluation_failures_total").over(minutes(5))}) > ${limit}`,
  },
  RulesLate: {
    nature: "cause",
    summary: "Rules of {{ $labels.rule_group }} are not evaluated in time: their alerts fire late.",
    panel: "overview/rules",
    levels: { warning: { limit: 0, for: minutes(5) } },
    expr: (limit) =>
      promql`increase(${metric("prometheus_rule_group_iterations_missed_total").over(minutes(5))}) > ${limit}`,
  },
  PrometheusReloadFailed: {
    nature: "cause",
    summary: "Prometheus could not read its configuration: it goes on with the old one.",
    panel: "overview/reloads",
    levels: { warning: { limit: 1, for: minutes(5) } },
    expr: (limit) => promql`${metric("prometheus_config_last_reload_successful")} < ${limit}`,
  },
  AlertmanagerReloadFailed: {
    nature: "cause",
    summary: "Alertmanager could not read its configuration: it goes on with the old one.",
    panel: "overview/reloads",
    levels: { warning: { limit: 1, for: minutes(5) } },
    expr: (limit) => promql`${metric("alertmanager_config_last_reload_successful")} < ${limit}`,
  },
  Watchdog: {
    nature: "cause",
    summary: "Always fires: if its notifications end, alerting itself does not work.",
    panel: "overview/alerts",
    levels: { info: { limit: 0, for: 0 } },
    expr: (limit) => promql`vector(${1}) > ${limit}`,
  },
  PlannedWork: {
    nature: "cause",
    summary: "Work has been announced ({{ $labels.work }}): alerts that it explains are silent.",
    panel: "overview/planned-work",
    levels: { info: { limit: 0, for: 0 } },
    expr: (limit) => promql`${metric("howdah_planned_work")} > ${limit}`,
  },
});

const budget = {
  nature: "symptom",
  summary: "More requests fail than the objective allows: users notice.",
  panel: "objectives/budget",
} as const;

/** How fast the error budget of 30 days is used up; the figures are those of Google's "The Site Reliability Workbook", chapter 5. */
export const objectiveAlerts = area({
  ErrorBudgetGoneInTwoDays: {
    ...budget,
    levels: { critical: { limit: 14.4, for: minutes(2) } },
    expr: burn("1h", "5m"),
    hiddenBy: { NoWriter: [], WriteProbeFailing: [] },
  },
  ErrorBudgetGoneInFiveDays: {
    ...budget,
    levels: { critical: { limit: 6, for: minutes(15) } },
    expr: burn("6h", "30m"),
    hiddenBy: { ErrorBudgetGoneInTwoDays: [] },
  },
  ErrorBudgetGoneInTenDays: {
    ...budget,
    levels: { warning: { limit: 3, for: hours(1) } },
    expr: burn("1d", "2h"),
    hiddenBy: { ErrorBudgetGoneInFiveDays: [] },
  },
  ErrorBudgetGoneInAMonth: {
    ...budget,
    levels: { warning: { limit: 1, for: hours(3) } },
    expr: burn("3d", "6h"),
    hiddenBy: { ErrorBudgetGoneInTenDays: [] },
  },
});
