import { backupAge, drillAge, drillTime, recoveryWindow } from "../alerts/storage";
import { metric, promql } from "../expression";
import { age, max, min, percent, sum } from "./kit/expressions";
import { barGauge, dashboard, gauge, passed, stat, stateTimeline, table, timeseries } from "./kit/model";
import { above, below } from "./kit/thresholds";

const took = metric("howdah_backup_duration_seconds");
const size = metric("howdah_backup_size_bytes");
const kind = ["database", "tier", "kind"] as const;
const legend = "{{database}} {{tier}} {{kind}}";

export const backups = dashboard({
  title: "Backups and drills",
  about: "What can be restored, how old it is, and whether a restore has been tried.",
  rows: [
    {
      title: "What can be restored",
      lines: [
        {
          window: gauge({
            title: "Recovery window",
            description:
              "Time back to the first restorable moment, in percent of what is promised; a young stack has less than 100.",
            unit: "percent",
            max: 200,
            marks: below("RecoveryWindowShort"),
            queries: { window: recoveryWindow },
          }),
          "first-moment": stat({
            title: "First restorable moment",
            description: "Time back to the earliest moment that a restore can reach; anything before it is gone.",
            unit: "s",
            queries: {
              "time back": age(min(metric("howdah_recovery_window_start_timestamp_seconds"))),
              promised: max(metric("howdah_objective_point_in_time_seconds")),
            },
          }),
          repository: stateTimeline({
            title: "Repository",
            description:
              "Whether the repository of the backups answers; while it does not, nothing can be backed up or restored.",
            unit: "none",
            states: { 0: "unreachable", 1: "reachable" },
            marks: below("RepositoryUnreachable"),
            queries: { repository: min(metric("howdah_backup_store_up")) },
          }),
        },
        {
          age: barGauge({
            title: "Age by tier",
            description:
              "Time since the last run of each tier as a multiple of the time between two; a run has been missed above 1.",
            unit: "short",
            marks: above("BackupTooOld"),
            queries: { "{{tier}} {{database}}": backupAge },
          }),
          runs: stateTimeline({
            title: "Runs",
            description: "Result of the last run of each tier; if one keeps failing, there is nothing new to restore.",
            unit: "none",
            states: passed,
            marks: below("BackupFailed"),
            queries: { "{{tier}} {{database}}": min(metric("howdah_backup_run_success"), "tier", "database") },
          }),
        },
        {
          newest: table({
            title: "Newest backups",
            description: "The newest intact backup of each kind; a restore starts from one of these.",
            labels: { database: "Database", tier: "Tier", kind: "Kind" },
            values: {
              Age: { expr: age(max(metric("howdah_backup_last_success_timestamp_seconds"), ...kind)), unit: "s" },
              Size: { expr: max(size, ...kind), unit: "bytes" },
              Duration: { expr: max(took, ...kind), unit: "s" },
            },
            sort: "Age",
          }),
          "full-age": timeseries({
            title: "Age by type",
            description:
              "Age of the newest physical backup of each type; the older the full one, the longer the chain that a restore needs.",
            unit: "s",
            queries: {
              "{{backup_type}}": max(metric("pgbackrest_backup_since_last_completion_seconds"), "backup_type"),
            },
          }),
        },
      ],
    },
    {
      title: "Time and space",
      lines: [
        {
          duration: timeseries({
            title: "Duration against the median",
            description:
              "Duration of the newest backup as a multiple of the median; far above, the next may begin before it ends.",
            unit: "short",
            marks: above("BackupSlow"),
            queries: { [legend]: promql`${took} / ${metric("howdah_backup_duration_median_seconds")}` },
          }),
          "duration-seconds": timeseries({
            title: "Duration",
            description: "Duration of the newest backup of each kind; growth follows the data, a step does not.",
            unit: "s",
            queries: { [legend]: max(took, ...kind) },
          }),
          size: timeseries({
            title: "Size against the median",
            description:
              "Size of the newest backup in percent of the median; far below, something may be missing in it.",
            unit: "percent",
            marks: below("BackupShrunk"),
            queries: { [legend]: promql`${100} * ${size} / ${metric("howdah_backup_size_median_bytes")}` },
          }),
        },
        {
          "size-bytes": timeseries({
            title: "Size",
            description: "Size of the cluster in the newest backup, or of the dump; a restore has to write as much.",
            unit: "bytes",
            queries: { [legend]: max(size, ...kind) },
          }),
          added: timeseries({
            title: "Added to the repository",
            description:
              "Bytes that the newest backup of each kind has added; incremental ones as large as a full one save nothing.",
            unit: "bytes",
            queries: { "{{kind}}": max(metric("howdah_backup_repository_bytes"), "kind") },
          }),
          count: timeseries({
            title: "Backups",
            description: "Backups that are stored; fewer than the retention asks for means that runs have failed.",
            unit: "short",
            queries: { [legend]: sum(metric("howdah_backups"), ...kind) },
          }),
          "repository-space": gauge({
            title: "Free space",
            description:
              "Free space of the disks that hold backups, in percent; without any, nothing more can be backed up.",
            unit: "percent",
            max: 100,
            marks: below("RepositorySpace"),
            queries: { "{{place}}": percent(metric("howdah_disk_free_bytes"), metric("howdah_disk_size_bytes")) },
          }),
        },
      ],
    },
    {
      title: "Restore drills",
      lines: [
        {
          "drill-age": gauge({
            title: "Last drill",
            description: "Time since a drill last succeeded, in percent of that after which it is overdue.",
            unit: "percent",
            max: 100,
            marks: above("DrillOverdue"),
            queries: { drill: drillAge },
          }),
          drills: stateTimeline({
            title: "Drills",
            description: "Result of the last drill; after a failed one, the backups may be of no use.",
            unit: "none",
            states: passed,
            marks: below("DrillFailed"),
            queries: { drill: min(metric("howdah_drill_success")) },
          }),
          "drill-checks": table({
            title: "Checks of the last drill",
            description: "Checks that the last drill passed; the one that failed says what is wrong with the backup.",
            labels: { check: "Check" },
            values: {
              Passed: { expr: max(metric("howdah_drill_check_success"), "check"), unit: "none", states: passed },
            },
            sort: "Passed",
            ascending: true,
          }),
        },
        {
          "drill-time": timeseries({
            title: "Time of a restore against the shortest",
            description:
              "Time that the last restore took as a multiple of the shortest of two weeks; a disaster would take as long.",
            unit: "short",
            marks: above("DrillSlow"),
            queries: { drill: drillTime },
          }),
          "drill-seconds": timeseries({
            title: "Time of a restore",
            description:
              "Time from the start of a restore until the server accepts writes; that is how long a disaster takes.",
            unit: "s",
            queries: { measured: max(metric("howdah_drill_rto_seconds")) },
          }),
          "drill-loss": timeseries({
            title: "Measured loss",
            description:
              "Time from a commit to its arrival in the repository, in percent of what is promised; a disaster loses that much.",
            unit: "percent",
            marks: above("DrillRpo"),
            queries: {
              measured: percent(metric("howdah_drill_rpo_seconds"), metric("howdah_archive_timeout_seconds")),
            },
          }),
        },
      ],
    },
  ],
});
