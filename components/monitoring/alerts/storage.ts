import { hours, isPrimary, metric, minutes, promql } from "../expression";
import { walBytes } from "../recording";
import { area } from "./alert";

/** Bytes of WAL a second, below which a server does nothing that is worth archiving. */
const idleWal = 100;
/** Percent of a disk, above which no forecast is needed. */
const roomy = 40;
/** File systems without a disk. */
export const disks = { fstype: { not: ["tmpfs", "ramfs", "squashfs", "iso9660"] } } as const;

export const free = metric("node_filesystem_avail_bytes", disks);
/** Percent of file systems that is free. */
export const freePercent = promql`${100} * ${free} / ${metric("node_filesystem_size_bytes", disks)}`;

const usualWal = promql`(${metric("pg_settings_max_wal_size_bytes")} + ${metric("pg_settings_wal_keep_size_bytes")})`;
/** Up to max_wal_size and wal_keep_size are there anyway: WAL beyond, in percent of what slots and the archive may add. */
export const walBudgetUsed = promql`${100} * (${metric("pg_wal_size_bytes")} - ${usualWal}) / (${metric("pg_settings_max_slot_wal_keep_size_bytes")} > ${0})`;
/** Age of the last archived segment, as a multiple of archive_timeout. */
export const archiveAge = promql`${metric("pg_stat_archiver_last_archive_age")} / (${metric("pg_settings_archive_timeout_seconds")} > ${0})`;

/** Disks, WAL and its archive. */
export const storageAlerts = area({
  DiskSpace: {
    nature: "cause",
    summary: "{{ $labels.mountpoint }} of {{ $labels.host }} is nearly full: then PostgreSQL stops.",
    panel: "host/disk-space",
    levels: { critical: { limit: 10, for: minutes(2) }, warning: { limit: 20, for: minutes(2) } },
    expr: (limit) => promql`${freePercent} < ${limit}`,
  },
  DiskFills: {
    nature: "cause",
    summary:
      "{{ $labels.mountpoint }} of {{ $labels.host }} will be full soon if it goes on like this: then PostgreSQL stops.",
    panel: "host/disk-runway",
    levels: { critical: { limit: 4, for: minutes(30) }, warning: { limit: 24, for: minutes(30) } },
    // The limit is in hours. A few minutes say nothing of the next hours.
    expr: (limit) =>
      promql`predict_linear(${free.over(hours(6))}, ${hours(limit)}) < ${0} and ${freePercent} < ${roomy} and ${free.ago(hours(1))}`,
    hiddenBy: { DiskSpace: ["host", "mountpoint"] },
  },
  Inodes: {
    nature: "cause",
    summary: "{{ $labels.mountpoint }} of {{ $labels.host }} can hold few more files: then PostgreSQL stops.",
    panel: "host/inodes",
    levels: { warning: { limit: 10, for: minutes(5) } },
    expr: (limit) =>
      promql`${100} * ${metric("node_filesystem_files_free", disks)} / (${metric("node_filesystem_files", disks)} > ${0}) < ${limit}`,
  },
  WalDirectory: {
    nature: "cause",
    summary: "{{ $labels.server }} keeps much more WAL than its checkpoints need: its disk fills.",
    panel: "wal/directory",
    levels: { critical: { limit: 80, for: minutes(2) }, warning: { limit: 50, for: minutes(2) } },
    expr: (limit) => promql`${walBudgetUsed} > ${limit}`,
  },
  ArchiveFailing: {
    nature: "cause",
    summary:
      "WAL of {{ $labels.server }} cannot be archived: what is written now could not be restored, and the disk fills.",
    panel: "wal/archive",
    levels: { critical: { limit: 1, for: minutes(10) }, warning: { limit: 1, for: minutes(1) } },
    // A server that was the primary keeps its statistics, and archives nothing.
    expr: (limit) => promql`${metric("howdah_archiver_failing")} >= ${limit} and on (server) ${isPrimary}`,
  },
  ArchiveStale: {
    nature: "cause",
    summary:
      "{{ $labels.server }} writes, but has archived nothing for too long: what is written now could not be restored.",
    panel: "wal/archive-age",
    levels: { critical: { limit: 5, for: 0 }, warning: { limit: 2, for: 0 } },
    expr: (limit) =>
      promql`${archiveAge} > ${limit} and on (server) ${walBytes} > ${idleWal} and on (server) ${isPrimary}`,
    hiddenBy: { ArchiveFailing: ["server"] },
  },
  ArchiveBacklog: {
    nature: "cause",
    summary: "WAL of {{ $labels.server }} waits to be archived: what is written now could not be restored yet.",
    panel: "wal/ready-files",
    levels: { critical: { limit: 200, for: minutes(1) }, warning: { limit: 20, for: minutes(1) } },
    expr: (limit) => promql`${metric("howdah_wal_ready_files")} > ${limit}`,
  },
  ChecksumFailures: {
    nature: "symptom",
    summary: "{{ $labels.server }} has damaged blocks: rows may be lost.",
    panel: "overview/checksums",
    // Without a database, those of the shared catalogs.
    levels: { critical: { limit: 0, for: 0 } },
    expr: (limit) => promql`${metric("pg_stat_database_checksum_failures")} > ${limit}`,
  },
});

/** By tier, as schedules are: a run that failed is for BackupFailed to say. */
const newest = metric("howdah_backup_run_timestamp_seconds");
const scheduled = metric("howdah_backup_scheduled_timestamp_seconds");
/** Time since the last run of a tier, or since it was scheduled if there was none, as a multiple of the time between two. */
export const backupAge = promql`(time() - (${newest} or on (tier) ${scheduled})) / on (tier) group_left () max by (tier) (${metric("howdah_backup_interval_seconds")})`;
const shortBackup = minutes(5);
/** A window that moves is one in which backups have expired: a stack that is young has not promised more than its age. */
const windowStart = metric("howdah_recovery_window_start_timestamp_seconds");
/** Time back to the first moment that can be restored, in percent of what is promised. */
export const recoveryWindow = promql`${100} * (time() - ${windowStart}) / ${metric("howdah_objective_point_in_time_seconds")}`;
const drillDue = metric("howdah_drill_overdue_seconds");
/** Time since the last drill that succeeded, or since ever, in percent of that after which it is overdue. */
export const drillAge = promql`${100} * (time() - (${metric("howdah_drill_last_success_timestamp_seconds")} or ${0} * ${drillDue})) / ${drillDue}`;
const drillTook = metric("howdah_drill_rto_seconds");
/** Time of the last restore, as a multiple of the shortest of two weeks. */
export const drillTime = promql`${drillTook} / min_over_time(${drillTook.over(hours(14 * 24))})`;

/** Backups, and whether they can be restored. */
export const backupAlerts = area({
  BackupTooOld: {
    nature: "cause",
    summary:
      "The last {{ $labels.tier }} backup is older than its schedule allows: a restore would take longer, or lose more.",
    panel: "backups/age",
    levels: { critical: { limit: 2, for: 0 }, warning: { limit: 1.5, for: 0 } },
    expr: (limit) => promql`${backupAge} > ${limit}`,
  },
  BackupFailed: {
    nature: "cause",
    summary: "The last {{ $labels.tier }} backup failed: if this goes on, there is nothing new to restore.",
    panel: "backups/runs",
    levels: { critical: { limit: 1, for: hours(1) }, warning: { limit: 1, for: 0 } },
    expr: (limit) => promql`${metric("howdah_backup_run_success")} < ${limit}`,
    hiddenBy: { RepositoryUnreachable: [] },
  },
  BackupSlow: {
    nature: "cause",
    summary:
      "The last {{ $labels.kind }} backup took much longer than usual: the next may not end before another begins.",
    panel: "backups/duration",
    levels: { warning: { limit: 2, for: 0 } },
    expr: (limit) => {
      const took = metric("howdah_backup_duration_seconds");
      return promql`${took} / ${metric("howdah_backup_duration_median_seconds")} > ${limit} and ${took} > ${shortBackup}`;
    },
  },
  BackupShrunk: {
    nature: "cause",
    summary: "The last {{ $labels.kind }} backup is much smaller than usual: something may be missing in it.",
    panel: "backups/size",
    levels: { warning: { limit: 50, for: 0 } },
    expr: (limit) =>
      promql`${100} * ${metric("howdah_backup_size_bytes")} / ${metric("howdah_backup_size_median_bytes")} < ${limit}`,
  },
  RepositoryUnreachable: {
    nature: "cause",
    summary: "The repository of the backups does not answer: nothing can be backed up or restored.",
    panel: "backups/repository",
    levels: { critical: { limit: 1, for: minutes(30) }, warning: { limit: 1, for: minutes(5) } },
    expr: (limit) => promql`${metric("howdah_backup_store_up")} < ${limit}`,
  },
  RepositorySpace: {
    nature: "cause",
    summary: "The disk of the backups ({{ $labels.place }}) is nearly full: then nothing more can be backed up.",
    panel: "backups/repository-space",
    levels: { critical: { limit: 10, for: minutes(5) }, warning: { limit: 20, for: minutes(5) } },
    expr: (limit) =>
      promql`${100} * ${metric("howdah_disk_free_bytes")} / ${metric("howdah_disk_size_bytes")} < ${limit}`,
  },
  RecoveryWindowShort: {
    nature: "cause",
    summary: "The first moment that can be restored is later than promised.",
    panel: "backups/window",
    levels: { warning: { limit: 100, for: hours(1) } },
    expr: (limit) => promql`${recoveryWindow} < ${limit} and changes(${windowStart.over(hours(8 * 24))}) > ${0}`,
  },
  DrillOverdue: {
    nature: "cause",
    summary: "No restore drill has succeeded for too long: it is unknown whether the backups can be restored.",
    panel: "backups/drill-age",
    levels: { critical: { limit: 100, for: hours(1) } },
    expr: (limit) => promql`${drillAge} > ${limit}`,
  },
  DrillFailed: {
    nature: "cause",
    summary: "The last attempt to restore a backup failed: the backups may be of no use.",
    panel: "backups/drills",
    levels: { critical: { limit: 1, for: 0 } },
    expr: (limit) => promql`${metric("howdah_drill_success")} < ${limit}`,
  },
  DrillSlow: {
    nature: "cause",
    summary:
      "Restoring a backup takes much longer than it used to: after a disaster the service would be away for as long.",
    panel: "backups/drill-time",
    levels: { warning: { limit: 2, for: 0 } },
    expr: (limit) => promql`${drillTime} > ${limit} and ${drillTook} > ${shortBackup}`,
  },
  DrillRpo: {
    nature: "cause",
    summary: "Commits reach the repository later than promised: a disaster would lose more of them.",
    panel: "backups/drill-loss",
    levels: { warning: { limit: 150, for: 0 } },
    // Some time for archiving itself, in addition to the longest wait for it.
    expr: (limit) =>
      promql`${100} * ${metric("howdah_drill_rpo_seconds")} / ${metric("howdah_archive_timeout_seconds")} > ${limit}`,
  },
});
