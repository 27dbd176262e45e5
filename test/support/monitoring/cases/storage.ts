import type { backupAlerts, storageAlerts } from "../../../../components/monitoring/alerts/storage";
import { age, beginning, rise, value } from "../waves";
import { type Cases, node1, of } from "./case";

const node2 = { server: "node2" } as const;
const disk = { host: "h1", device: "/dev/vda", fstype: "ext4", mountpoint: "/var" } as const;
const memory = { host: "h1", device: "tmpfs", fstype: "tmpfs", mountpoint: "/run" } as const;

const space = (quiet: number, loud: number) =>
  of(
    disk,
    value("node_filesystem_avail_bytes", disk, [quiet, loud]),
    value("node_filesystem_size_bytes", disk, 1000),
    value("node_filesystem_avail_bytes", memory, 0),
    value("node_filesystem_size_bytes", memory, 1000),
  );

const wal = (quiet: number, loud: number) =>
  of(
    node1,
    value("pg_wal_size_bytes", node1, [quiet, loud]),
    value("pg_settings_max_wal_size_bytes", node1, 1000),
    value("pg_settings_wal_keep_size_bytes", node1, 200),
    value("pg_settings_max_slot_wal_keep_size_bytes", node1, 2000),
    value("pg_wal_size_bytes", node2, 99_999),
    value("pg_settings_max_wal_size_bytes", node2, 1000),
    value("pg_settings_wal_keep_size_bytes", node2, 200),
    value("pg_settings_max_slot_wal_keep_size_bytes", node2, -1),
  );

const stale = (quiet: number, loud: number) =>
  of(
    node1,
    value("pg_stat_archiver_last_archive_age", node1, [quiet, loud]),
    value("pg_settings_archive_timeout_seconds", node1, 60),
    value("pg_replication_is_replica", node1, 0),
    rise("howdah_wal_bytes_total", node1, 101),
    // Nothing is written there.
    value("pg_stat_archiver_last_archive_age", node2, 9999),
    value("pg_settings_archive_timeout_seconds", node2, 60),
    value("pg_replication_is_replica", node2, 0),
    rise("howdah_wal_bytes_total", node2, 99),
  );

const failing = of(
  node1,
  value("howdah_archiver_failing", node1, [0, 1]),
  value("pg_replication_is_replica", node1, 0),
  // Of the time when it was the primary.
  value("howdah_archiver_failing", node2, 1),
  value("pg_replication_is_replica", node2, 1),
);

/** Space that goes down by so many bytes a second, from 1 GB. */
const fills = (quiet: number, loud: number) =>
  of(
    disk,
    beginning(1e9, rise("node_filesystem_avail_bytes", disk, [-quiet, -loud]), 1e6),
    value("node_filesystem_size_bytes", disk, 1e10),
    // As fast, but there is plenty.
    beginning(1e9, rise("node_filesystem_avail_bytes", { ...disk, mountpoint: "/roomy" }, [-9000, -9300]), 1e6),
    value("node_filesystem_size_bytes", { ...disk, mountpoint: "/roomy" }, 1.2e9),
  );

export const storageCases: Cases<keyof typeof storageAlerts> = {
  DiskSpace: { critical: space(100, 99), warning: space(200, 199) },
  // At the end of the quiet time, 390 MB last for 4.2 hours, and 786 MB for 24.3 hours.
  DiskFills: { critical: fills(25_800, 26_500), warning: fills(9000, 9300) },
  Inodes: {
    warning: of(
      disk,
      value("node_filesystem_files_free", disk, [100, 99]),
      value("node_filesystem_files", disk, 1000),
      // Without a fixed number.
      value("node_filesystem_files_free", { ...disk, mountpoint: "/btrfs" }, 0),
      value("node_filesystem_files", { ...disk, mountpoint: "/btrfs" }, 0),
    ),
  },
  WalDirectory: { critical: wal(2800, 2801), warning: wal(2200, 2201) },
  ArchiveFailing: { critical: failing, warning: failing },
  ArchiveStale: { critical: stale(300, 301), warning: stale(120, 121) },
  ArchiveBacklog: {
    critical: of(node1, value("howdah_wal_ready_files", node1, [200, 201])),
    warning: of(node1, value("howdah_wal_ready_files", node1, [20, 21])),
  },
  ChecksumFailures: {
    critical: of(
      { ...node1, datid: "0" },
      value("pg_stat_database_checksum_failures", { ...node1, datid: "0" }, [0, 1]),
      value("pg_stat_database_checksum_failures", { ...node1, datid: "1", datname: "app" }, 0),
    ),
  },
};

const backup = { database: "", tier: "daily", kind: "diff" } as const;
const written = { tier: "daily", kind: "diff" } as const;

const daily = { tier: "daily" } as const;
const old = (quiet: number, loud: number) =>
  of(
    daily,
    age("howdah_backup_run_timestamp_seconds", daily, [quiet, loud]),
    // It has run since.
    age("howdah_backup_scheduled_timestamp_seconds", daily, 9_999_999),
    value("howdah_backup_interval_seconds", daily, 86_400),
  );
const never = (quiet: number, loud: number) =>
  of(
    daily,
    age("howdah_backup_scheduled_timestamp_seconds", daily, [quiet, loud]),
    value("howdah_backup_interval_seconds", daily, 86_400),
    age("howdah_backup_run_timestamp_seconds", { tier: "weekly" }, 9999),
    value("howdah_backup_interval_seconds", { tier: "weekly" }, 604_800),
  );
const failed = of(written, value("howdah_backup_run_success", backup, [1, 0]));
const unreachable = of({}, value("howdah_backup_store_up", {}, [1, 0]));
const repository = (quiet: number, loud: number) =>
  of(
    { place: "repository" },
    value("howdah_disk_free_bytes", { place: "repository" }, [quiet, loud]),
    value("howdah_disk_size_bytes", { place: "repository" }, 1000),
  );

export const backupCases: Cases<keyof typeof backupAlerts> = {
  BackupTooOld: { critical: old(172_800, 172_801), warning: never(129_600, 129_601) },
  BackupFailed: { critical: failed, warning: failed },
  BackupSlow: {
    warning: of(
      written,
      value("howdah_backup_duration_seconds", backup, [2000, 2001]),
      value("howdah_backup_duration_median_seconds", backup, 1000),
      value("howdah_backup_duration_seconds", { ...backup, kind: "incr" }, 300),
      value("howdah_backup_duration_median_seconds", { ...backup, kind: "incr" }, 1),
    ),
  },
  BackupShrunk: {
    warning: of(
      written,
      value("howdah_backup_size_bytes", backup, [500, 499]),
      value("howdah_backup_size_median_bytes", backup, 1000),
    ),
  },
  RepositoryUnreachable: { critical: unreachable, warning: unreachable },
  RepositorySpace: { critical: repository(100, 99), warning: repository(200, 199) },
  RecoveryWindowShort: {
    warning: {
      ...of(
        {},
        age("howdah_recovery_window_start_timestamp_seconds", {}, [604_800, 604_799]),
        value("howdah_objective_point_in_time_seconds", {}, 604_800),
      ),
      quietFor: 7200,
      loudFor: 7200,
      afterFor: 600,
    },
  },
  DrillOverdue: {
    critical: of(
      {},
      age("howdah_drill_last_success_timestamp_seconds", {}, [691_200, 691_201]),
      value("howdah_drill_overdue_seconds", {}, 691_200),
    ),
  },
  DrillFailed: { critical: of({}, value("howdah_drill_success", {}, [1, 0])) },
  DrillSlow: {
    warning: {
      ...of({}, beginning(301, value("howdah_drill_rto_seconds", {}, [602, 603]))),
      quietFor: 3600,
      loudFor: 3600,
      afterFor: 600,
    },
  },
  DrillRpo: {
    warning: of({}, value("howdah_drill_rpo_seconds", {}, [90, 91]), value("howdah_archive_timeout_seconds", {}, 60)),
  },
};
