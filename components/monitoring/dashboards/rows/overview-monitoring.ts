import { daysLeft, supportLeft } from "../../alerts/security";
import { metric, minutes, promql } from "../../expression";
import { probeErrors } from "../../recording";
import { max, min, percent, rate, sum } from "../kit/expressions";
import { barGauge, row, stat, stateTimeline, table, timeseries, upDown } from "../kit/model";
import { above, below, defaultSettings } from "../kit/thresholds";

const secondsPerDay = 86_400;

export const configuration = row({
  title: "Configuration",
  lines: [
    {
      version: table({
        title: "Versions",
        description:
          "Versions of the servers and the days until their support ends; afterwards they get no more fixes.",
        marks: below("MajorVersionEnds"),
        unmarked: { MinorVersionsDiffer: "It compares the servers with each other." },
        labels: { server: "Server", major: "Major version" },
        values: {
          "Days of support": {
            expr: promql`${max(supportLeft(defaultSettings), "server", "major")} / ${secondsPerDay}`,
            unit: "none",
          },
        },
        sort: "Days of support",
        ascending: true,
      }),
      certificates: barGauge({
        title: "Certificates",
        description: "Days until certificates expire; then connections that need them fail.",
        unit: "d",
        marks: below("CertificateExpiry"),
        unmarked: { CertificateRenewalDue: "It is in percent of the life of a certificate." },
        queries: { "{{name}}": daysLeft },
      }),
      "pending-restart": stat({
        title: "Settings that wait for a restart",
        description: "Settings that differ from the declared ones until a restart.",
        unit: "short",
        marks: above("PendingRestart"),
        queries: { "{{server}}": metric("howdah_settings_pending_restart") },
      }),
    },
    {
      configuration: timeseries({
        title: "Errors in configuration files",
        description: "Errors in postgresql.conf and pg_hba.conf; with one, PostgreSQL may not start again.",
        unit: "short",
        marks: above("ConfigFileError"),
        queries: { "{{server}} {{file}}": metric("howdah_config_file_errors") },
      }),
      changes: timeseries({
        title: "Changes of settings",
        description: "Changes of settings in five minutes; one that no one announced is worth a question.",
        unit: "short",
        marks: above("SettingsChanged"),
        queries: { "{{server}}": promql`changes(${metric("howdah_settings_fingerprint").over(minutes(5))})` },
      }),
      checksums: stat({
        title: "Damaged blocks",
        description: "Blocks whose checksum was wrong; rows in them may be lost.",
        unit: "short",
        marks: above("ChecksumFailures"),
        queries: { "{{server}} {{datname}}": metric("pg_stat_database_checksum_failures") },
      }),
      budget: timeseries({
        title: "Failed probes",
        description:
          "Probes that failed in the last hour and in the last day; more than the objective allows uses up the error budget.",
        unit: "percent",
        queries: { hour: promql`${100} * ${probeErrors("1h")}`, day: promql`${100} * ${probeErrors("1d")}` },
        detail: { title: "Objectives", dashboard: "objectives", variables: {} },
      }),
    },
  ],
});

export const monitoringItself = row({
  title: "Monitoring itself",
  folded: true,
  lines: [
    {
      targets: stateTimeline({
        title: "Targets",
        description: "What Prometheus scrapes; what a target that is down watches goes unnoticed.",
        unit: "none",
        states: upDown,
        marks: below("TargetDown"),
        unmarked: {
          TargetMissing: "What Prometheus does not know has no line here.",
          MetricsMissing: "It is about series that are not there.",
        },
        queries: { "{{job}} {{instance}}": min(metric("up"), "job", "instance") },
      }),
      collector: timeseries({
        title: "Duration of collections",
        description: "Duration of each set's collection in percent of its interval; above the line, figures are late.",
        unit: "percent",
        marks: above("CollectorSlow"),
        queries: {
          "{{set}} {{server}}": promql`${100} * ${max(metric("howdah_collector_duration_seconds"), "set", "server")} / on (set) group_left () ${max(metric("howdah_collector_interval_seconds"), "set")}`,
        },
      }),
    },
    {
      "collector-failures": stateTimeline({
        title: "Sets of metrics",
        description:
          "Sets that the collector could not collect from at least one server; what they watch goes unnoticed.",
        unit: "none",
        states: { 0: "failed", 1: "collected" },
        marks: below("CollectorFailing"),
        queries: { "{{set}}": min(metric("howdah_collector_up"), "set") },
      }),
      notifications: timeseries({
        title: "Failed notifications",
        description: "Notifications that failed, in percent; those on call do not hear of alerts.",
        unit: "percent",
        marks: above("NotificationsFailing"),
        queries: {
          "{{integration}}": percent(
            sum(rate(metric("alertmanager_notifications_failed_total")), "integration"),
            sum(rate(metric("alertmanager_notifications_total")), "integration"),
          ),
        },
      }),
      undelivered: timeseries({
        title: "Undelivered alerts",
        description:
          "Alerts that did not reach an Alertmanager, in five minutes; those on call hear of them late or not at all.",
        unit: "short",
        marks: above("AlertsNotDelivered"),
        queries: {
          "{{alertmanager}}": promql`increase(${metric("prometheus_notifications_errors_total").over(minutes(5))})`,
        },
      }),
      rules: timeseries({
        title: "Failed and late rules",
        description: "Evaluations of rules that failed or were missed; their alerts do not fire, or fire late.",
        unit: "short",
        marks: above("RulesFailing", "RulesLate"),
        queries: {
          "failed: {{rule_group}}": promql`increase(${metric("prometheus_rule_evaluation_failures_total").over("$__rate_interval")})`,
          "missed: {{rule_group}}": promql`increase(${metric("prometheus_rule_group_iterations_missed_total").over("$__rate_interval")})`,
        },
      }),
    },
    {
      alertmanagers: stat({
        title: "Alertmanagers",
        description: "Alertmanagers that Prometheus knows; with none, no alert is sent.",
        unit: "short",
        marks: below("AlertmanagerUnreachable"),
        queries: { known: max(metric("prometheus_notifications_alertmanagers_discovered")) },
      }),
      reloads: stateTimeline({
        title: "Configuration of the monitoring",
        description:
          "Whether Prometheus and Alertmanager could read their configuration; if not, they go on with the old one.",
        unit: "none",
        states: { 0: "refused", 1: "loaded" },
        marks: below("PrometheusReloadFailed", "AlertmanagerReloadFailed"),
        queries: {
          Prometheus: min(metric("prometheus_config_last_reload_successful")),
          Alertmanager: min(metric("alertmanager_config_last_reload_successful")),
        },
      }),
      "collector-memory": timeseries({
        title: "Memory of the collector",
        description: "Memory of the collector; one that keeps growing is a fault of howdah.",
        unit: "bytes",
        queries: { "{{instance}}": max(metric("process_resident_memory_bytes"), "instance") },
      }),
    },
  ],
});
