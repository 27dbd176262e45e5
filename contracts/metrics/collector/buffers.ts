import { counter, gauge, group, type MetricDefinition } from "../definition";

const server = ["server"] as const;
const database = ["server", "datid", "datname"] as const;
const perDatabase = ["server", "datname"] as const;

/** Checkpoints, I/O and the figures of databases. */
export const bufferMetrics = {
  // Checkpoints and written buffers. PostgreSQL 17 moved figures to pg_stat_checkpointer and pg_stat_io.
  ...group("checkpoints", server, {
    pg_stat_bgwriter_checkpoints_timed_total: counter("Checkpoints by time (before PostgreSQL 17)."),
    pg_stat_bgwriter_checkpoints_req_total: counter("Checkpoints by request (before PostgreSQL 17)."),
    pg_stat_bgwriter_checkpoint_write_time_total: counter(
      "Time of writing in checkpoints (before PostgreSQL 17).",
      "milliseconds",
    ),
    pg_stat_bgwriter_checkpoint_sync_time_total: counter(
      "Time of syncing in checkpoints (before PostgreSQL 17).",
      "milliseconds",
    ),
    pg_stat_bgwriter_buffers_checkpoint_total: counter("Buffers written by checkpoints (before PostgreSQL 17)."),
    pg_stat_bgwriter_buffers_clean_total: counter("Buffers written by the background writer."),
    pg_stat_bgwriter_maxwritten_clean_total: counter("Rounds that the background writer cut short."),
    pg_stat_bgwriter_buffers_backend_total: counter("Buffers written by backends (before PostgreSQL 17)."),
    pg_stat_bgwriter_buffers_backend_fsync_total: counter("fsync calls of backends (before PostgreSQL 17)."),
    pg_stat_bgwriter_buffers_alloc_total: counter("Buffers allocated."),
    pg_stat_bgwriter_stats_reset_total: counter("Time at which these statistics were reset.", "timestamp"),
    pg_stat_checkpointer_num_timed_total: counter("Checkpoints by time."),
    pg_stat_checkpointer_num_requested_total: counter("Checkpoints by request."),
    pg_stat_checkpointer_restartpoints_timed_total: counter("Restartpoints by time."),
    pg_stat_checkpointer_restartpoints_req_total: counter("Restartpoints by request."),
    pg_stat_checkpointer_restartpoints_done_total: counter("Restartpoints that were performed."),
    pg_stat_checkpointer_write_time_total: counter("Time of writing in checkpoints.", "milliseconds"),
    pg_stat_checkpointer_sync_time_total: counter("Time of syncing in checkpoints.", "milliseconds"),
    pg_stat_checkpointer_buffers_written_total: counter("Buffers written by checkpoints."),
    pg_stat_checkpointer_stats_reset_total: counter("Time at which these statistics were reset.", "timestamp"),
    howdah_checkpoint_write_seconds_total: counter("Time of writing in checkpoints, in every version.", "seconds"),
    howdah_checkpoint_sync_seconds_total: counter("Time of syncing in checkpoints, in every version.", "seconds"),
    howdah_backend_fsyncs_total: counter("fsync calls of client backends for data files, in every version."),
  }),
  ...group("checkpoints", ["server", "kind"], {
    howdah_checkpoints_total: counter(
      "Checkpoints, timed or requested; restartpoints of a replica are among these before PostgreSQL 17, and a kind of their own since.",
    ),
  }),
  ...group("checkpoints", ["server", "by"], {
    howdah_buffers_written_total: counter(
      "Buffers written by checkpointer, background writer and backends, in every version.",
    ),
  }),

  // pg_stat_io (PostgreSQL 16); rows without operations are left out.
  ...group("io", ["server", "backend_type", "object", "context", "operation"], {
    howdah_io_operations_total: counter("I/O operations."),
    howdah_io_seconds_total: counter("Time of I/O operations; needs track_io_timing.", "seconds"),
  }),
  ...group("io", ["server", "backend_type", "object", "context"], {
    howdah_io_hits_total: counter("Blocks that were found in shared buffers."),
    howdah_io_evictions_total: counter("Blocks that were evicted from shared buffers."),
  }),

  ...group("slru", ["server", "name"], {
    howdah_slru_hits_total: counter("Pages of an SLRU cache that were found in memory."),
    howdah_slru_reads_total: counter("Pages of an SLRU cache that were read."),
    howdah_slru_writes_total: counter("Pages of an SLRU cache that were written."),
  }),

  // Statistics of databases; template databases are left out.
  ...group("database", database, {
    pg_stat_database_numbackends: gauge("Backends of the database."),
    pg_stat_database_xact_commit: counter("Transactions that were committed."),
    pg_stat_database_xact_rollback: counter("Transactions that were rolled back."),
    pg_stat_database_blks_read: counter("Blocks that were read.", "blocks"),
    pg_stat_database_blks_hit: counter("Blocks that were found in shared buffers.", "blocks"),
    pg_stat_database_tup_returned: counter("Rows that were read."),
    pg_stat_database_tup_fetched: counter("Rows that index scans fetched."),
    pg_stat_database_tup_inserted: counter("Rows that were inserted."),
    pg_stat_database_tup_updated: counter("Rows that were updated."),
    pg_stat_database_tup_deleted: counter("Rows that were deleted."),
    pg_stat_database_conflicts: counter("Queries that were cancelled by recovery."),
    pg_stat_database_temp_files: counter("Temporary files."),
    pg_stat_database_temp_bytes: counter("Bytes written to temporary files.", "bytes"),
    pg_stat_database_deadlocks: counter("Deadlocks."),
    pg_stat_database_checksum_failures: counter("Blocks whose checksum was wrong."),
    pg_stat_database_checksum_last_failure: gauge("Time of the last wrong checksum.", "timestamp"),
    pg_stat_database_blk_read_time: counter("Time of reading blocks; needs track_io_timing.", "milliseconds"),
    pg_stat_database_blk_write_time: counter("Time of writing blocks; needs track_io_timing.", "milliseconds"),
    pg_stat_database_session_time: counter("Time of sessions.", "milliseconds"),
    pg_stat_database_active_time: counter("Time of statements.", "milliseconds"),
    pg_stat_database_idle_in_transaction_time: counter("Time idle in a transaction.", "milliseconds"),
    pg_stat_database_sessions: counter("Sessions."),
    pg_stat_database_sessions_abandoned: counter("Sessions that the client left without saying so."),
    pg_stat_database_sessions_fatal: counter("Sessions that ended with a fatal error."),
    pg_stat_database_sessions_killed: counter("Sessions that an operator ended."),
    pg_stat_database_stats_reset: counter("Time at which these statistics were reset.", "timestamp"),
    pg_stat_database_active_time_seconds_total: counter("Time of statements.", "seconds"),
    pg_stat_database_conflicts_confl_tablespace: counter("Queries cancelled because of dropped tablespaces."),
    pg_stat_database_conflicts_confl_lock: counter("Queries cancelled because of locks."),
    pg_stat_database_conflicts_confl_snapshot: counter("Queries cancelled because of old snapshots."),
    pg_stat_database_conflicts_confl_bufferpin: counter("Queries cancelled because of pinned buffers."),
    pg_stat_database_conflicts_confl_deadlock: counter("Queries cancelled because of deadlocks."),
  }),
  ...group("database", perDatabase, {
    pg_database_connection_limit: gauge("Connection limit of the database; -1 is none."),
  }),
  ...group("size", perDatabase, {
    pg_database_size_bytes: gauge("Disk space that the database uses.", "bytes"),
  }),
} as const satisfies Record<string, MetricDefinition>;
