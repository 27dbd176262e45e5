import { counter, gauge, group, type MetricDefinition } from "../definition";

const server = ["server"] as const;
const standby = ["server", "application_name", "client_addr", "state", "slot_name"] as const;
const slot = ["server", "slot_name", "slot_type"] as const;
const receiver = ["server", "upstream_host", "slot_name", "status"] as const;
const subscription = ["server", "datname", "subname"] as const;

/** The server itself: its availability, replication, WAL and its archive. */
export const serverMetrics = {
  // The server itself.
  ...group("availability", server, {
    pg_up: gauge("1 if the server accepts a session of the monitoring login.", "boolean"),
    pg_postmaster_start_time_seconds: gauge("Time at which the server was started.", "timestamp"),
    pg_replication_is_replica: gauge("1 if the server is in recovery.", "boolean"),
    howdah_configuration_loaded_timestamp_seconds: gauge("Time at which the configuration was last read.", "timestamp"),
  }),
  ...group("availability", ["server", "version", "short_version"], {
    pg_static: gauge("Version of the server.", "info"),
  }),

  // Replication.
  ...group("replication", server, {
    pg_replication_lag_seconds: gauge(
      "Age of the last transaction that a replica has replayed; 0 on a primary, and on a replica that has replayed all it received.",
      "seconds",
    ),
    pg_replication_last_replay_seconds: gauge("Age of the last transaction that a replica has replayed.", "seconds"),
    pg_xlog_location_bytes: gauge("Position in the WAL: written on a primary, replayed on a replica.", "bytes"),
    howdah_wal_replay_paused: gauge("1 if a replica's replay is paused.", "boolean"),
    howdah_timeline: gauge("Timeline of the last checkpoint or restartpoint."),
  }),
  ...group("replication", standby, {
    pg_stat_replication_pg_current_wal_lsn_bytes: gauge("Position in the WAL of the sender.", "bytes"),
    pg_stat_replication_pg_wal_lsn_diff: gauge("WAL that a standby has not replayed.", "bytes"),
    howdah_replication_sent_lag_bytes: gauge("WAL that has not been sent to a standby.", "bytes"),
    howdah_replication_write_lag_bytes: gauge("WAL that a standby has not written.", "bytes"),
    howdah_replication_flush_lag_bytes: gauge("WAL that a standby has not flushed.", "bytes"),
    howdah_replication_write_lag_seconds: gauge("Time until a standby has written recent WAL.", "seconds"),
    howdah_replication_flush_lag_seconds: gauge("Time until a standby has flushed recent WAL.", "seconds"),
    howdah_replication_replay_lag_seconds: gauge("Time until a standby has replayed recent WAL.", "seconds"),
  }),
  ...group("replication", ["server", "application_name", "sync_state"], {
    howdah_replication_sync_state: gauge("Standbys by their synchronous state."),
  }),
  ...group("replication", ["server", "slot_name", "database"], {
    pg_replication_slots_active: gauge("1 if the slot is in use.", "boolean"),
    pg_replication_slots_pg_wal_lsn_diff: gauge("WAL that is kept for the slot.", "bytes"),
  }),
  ...group("replication", slot, {
    pg_replication_slots_slot_is_active: gauge("1 if the slot is in use.", "boolean"),
    pg_replication_slots_slot_current_wal_lsn: gauge("Position in the WAL of the server.", "bytes"),
    pg_replication_slots_slot_confirmed_flush_lsn: gauge("Position that a logical consumer has confirmed.", "bytes"),
    pg_replication_slots_safe_wal_size_bytes: gauge("WAL that may still be written before the slot is lost.", "bytes"),
  }),
  ...group("replication", [...slot, "wal_status"] as const, {
    pg_replication_slots_wal_status: gauge("1 for the state of the WAL that the slot needs.", "boolean"),
  }),
  ...group("wal receiver", server, {
    howdah_wal_receiver_streaming: gauge("Whether a replica receives WAL.", "boolean"),
  }),
  ...group("wal receiver", receiver, {
    pg_stat_wal_receiver_receive_start_lsn: gauge("Position at which the receiver has started.", "bytes"),
    pg_stat_wal_receiver_receive_start_tli: gauge("Timeline on which the receiver has started."),
    pg_stat_wal_receiver_flushed_lsn: gauge("Position up to which WAL has been received and flushed.", "bytes"),
    pg_stat_wal_receiver_received_tli: gauge("Timeline of the received WAL."),
    pg_stat_wal_receiver_last_msg_send_time: gauge("Time at which the last message was sent.", "timestamp"),
    pg_stat_wal_receiver_last_msg_receipt_time: gauge("Time at which the last message arrived.", "timestamp"),
    pg_stat_wal_receiver_latest_end_lsn: gauge("Position that was last reported to the sender.", "bytes"),
    pg_stat_wal_receiver_latest_end_time: gauge("Time of the last report to the sender.", "timestamp"),
  }),
  ...group("replication", subscription, {
    howdah_subscription_lag_seconds: gauge("Age of the last position that a subscription has confirmed.", "seconds"),
    howdah_subscription_workers: gauge("Workers of a subscription that run."),
    howdah_subscription_apply_errors_total: counter("Errors while changes were applied."),
    howdah_subscription_sync_errors_total: counter("Errors during the first copy of tables."),
  }),

  // WAL and its archive.
  ...group("wal files", server, {
    pg_wal_segments: gauge("WAL segments on disk."),
    pg_wal_size_bytes: gauge("Size of the WAL segments on disk.", "bytes"),
    howdah_wal_ready_files: gauge("Segments that wait to be archived."),
    howdah_wal_ready_oldest_seconds: gauge(
      "Age of the oldest segment that waits to be archived; 0 if none.",
      "seconds",
    ),
  }),
  ...group("wal", server, {
    pg_stat_archiver_archived_count: counter("Segments that have been archived."),
    pg_stat_archiver_failed_count: counter("Attempts to archive a segment that failed."),
    pg_stat_archiver_last_archive_age: gauge("Age of the last successful archiving.", "seconds"),
    howdah_archiver_last_archived_timestamp_seconds: gauge("Time of the last successful archiving.", "timestamp"),
    howdah_archiver_last_failed_timestamp_seconds: gauge("Time of the last failed archiving.", "timestamp"),
    howdah_archiver_failing: gauge("1 if the last attempt to archive a segment failed.", "boolean"),
    howdah_wal_records_total: counter("WAL records."),
    howdah_wal_full_page_images_total: counter("Full page images in the WAL."),
    howdah_wal_bytes_total: counter("WAL written.", "bytes"),
    howdah_wal_buffers_full_total: counter("Writes of WAL because its buffers were full."),
  }),
} as const satisfies Record<string, MetricDefinition>;
