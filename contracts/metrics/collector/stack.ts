import { counter, gauge, group, type MetricDefinition } from "../definition";

const service = ["service"] as const;
const backup = ["database", "tier", "kind"] as const;
const collection = ["set", "server"] as const;

/** Services, certificates, backups and drills of the stack, and the collector itself. */
export const stackMetrics = {
  // Services of the stack's supervisor.
  ...group("services", service, {
    howdah_service_up: gauge("1 if the service runs.", "boolean"),
    howdah_service_start_time_seconds: gauge("Time at which the service was last started.", "timestamp"),
    howdah_service_restarts_total: counter("Starts of the service that the collector has seen."),
  }),
  ...group("services", ["service", "state"], {
    howdah_service_state: gauge("1 for the state that the supervisor reports.", "boolean"),
  }),

  // Lines of the services' logs.
  ...group("logs", ["service", "event"], {
    howdah_log_events_total: counter(
      "Lines of a log since the collector started: authentication failure, statement timeout, pooler error, disk full, panic.",
    ),
  }),

  // Certificates of the stack.
  ...group("certificates", ["name"], {
    howdah_certificate_not_after_timestamp_seconds: gauge("Time at which the certificate expires.", "timestamp"),
    howdah_certificate_not_before_timestamp_seconds: gauge("Time at which the certificate became valid.", "timestamp"),
  }),

  // Backups and drills; a cloud's dumps have all three labels.
  ...group("backups", backup, {
    howdah_backup_last_success_timestamp_seconds: gauge("End of the newest intact backup.", "timestamp"),
    howdah_backup_size_bytes: gauge("Size of the newest backup: of the cluster in it, or of the dump.", "bytes"),
    howdah_backup_repository_bytes: gauge("What the newest physical backup added to the repository.", "bytes"),
    howdah_backup_duration_seconds: gauge("Duration of the newest backup.", "seconds"),
    howdah_backup_duration_median_seconds: gauge("Median duration of the last ten backups of a kind.", "seconds"),
    howdah_backup_size_median_bytes: gauge("Median size of the last ten backups of a kind.", "bytes"),
    howdah_backups: gauge("Backups in the repository, or in the store of the dumps."),
  }),
  ...group("backup runs", backup, {
    howdah_backup_run_success: gauge("1 if the last run of a tier succeeded.", "boolean"),
    howdah_backup_run_timestamp_seconds: gauge("End of the last run of a tier.", "timestamp"),
    howdah_backup_scheduled_timestamp_seconds: gauge(
      "Time since which the runs of a tier are scheduled, at the latest.",
      "timestamp",
    ),
    howdah_backup_interval_seconds: gauge("Longest time between two scheduled runs of a tier.", "seconds"),
  }),
  ...group("backups", [], {
    howdah_backup_store_up: gauge("1 if the repository, or the store of the dumps, can be read.", "boolean"),
  }),
  // The repository of physical backups.
  ...group("repository", [], {
    howdah_recovery_window_start_timestamp_seconds: gauge("First moment that can be restored.", "timestamp"),
    howdah_archive_timeout_seconds: gauge("Data that may be lost if all servers are lost at once.", "seconds"),
  }),
  ...group("repository", ["stanza", "backup_type"], {
    pgbackrest_backup_since_last_completion_seconds: gauge("Age of the newest backup of a type.", "seconds"),
    pgbackrest_backup_last_duration_seconds: gauge("Duration of the newest backup of a type.", "seconds"),
    pgbackrest_backup_last_size_bytes: gauge("Size of the cluster in the newest backup of a type.", "bytes"),
  }),
  ...group("repository", ["place"], {
    howdah_disk_size_bytes: gauge("Size of the disk that holds the repository or the dumps.", "bytes"),
    howdah_disk_free_bytes: gauge("Free space of the disk that holds the repository or the dumps.", "bytes"),
  }),
  ...group("drills", [], {
    howdah_drill_last_success_timestamp_seconds: gauge("End of the newest restore drill that succeeded.", "timestamp"),
    howdah_drill_last_run_timestamp_seconds: gauge("End of the newest restore drill.", "timestamp"),
    howdah_drill_success: gauge("1 if the last restore drill succeeded.", "boolean"),
    howdah_drill_rto_seconds: gauge(
      "Time from the start of a restore until the server accepts writes, in the newest successful drill.",
      "seconds",
    ),
    howdah_drill_rpo_seconds: gauge(
      "Time from a commit to its arrival in the repository, as last measured; for dumps, the age of the oldest.",
      "seconds",
    ),
    howdah_drill_overdue_seconds: gauge("Age at which a restore drill is overdue.", "seconds"),
  }),
  ...group("drills", ["check"], {
    howdah_drill_check_success: gauge("1 for a check that the last restore drill passed, 0 for the one that failed."),
  }),

  // Objectives and work of the stack.
  ...group("stack", [], {
    howdah_objective_rto_seconds: gauge("Time within which writes have to be possible again.", "seconds"),
    howdah_objective_rpo_seconds: gauge("Data that may be lost if one server is lost.", "seconds"),
    howdah_objective_point_in_time_seconds: gauge("Time back to which any second can be restored.", "seconds"),
    howdah_servers_declared: gauge("Servers of the configuration."),
  }),
  ...group("stack", ["work"], {
    howdah_planned_work: gauge(
      "1 during planned work that makes alerts expected, and for a minute after it: update, restore.",
      "boolean",
    ),
  }),

  // The collector itself.
  ...group("collector", collection, {
    howdah_collector_up: gauge("1 if the set's last collection succeeded.", "boolean"),
    howdah_collector_duration_seconds: gauge("Duration of the set's last collection.", "seconds"),
    howdah_collector_last_success_timestamp_seconds: gauge("End of the set's last successful collection.", "timestamp"),
  }),
  ...group("collector", ["server"], {
    pg_exporter_last_scrape_error: gauge("1 if a set of the server was not collected.", "boolean"),
  }),
  ...group("collector", ["set"], {
    howdah_collector_interval_seconds: gauge("Time between two collections of the set.", "seconds"),
  }),
  ...group("collector", [], {
    process_cpu_seconds_total: counter("Processor time of the collector.", "seconds"),
    process_resident_memory_bytes: gauge("Memory of the collector.", "bytes"),
    process_start_time_seconds: gauge("Start of the collector.", "timestamp"),
  }),
} as const satisfies Record<string, MetricDefinition>;
