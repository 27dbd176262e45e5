import { defineSqlSet, epoch, type Query, queriesOf } from "../sql-set";

const query = queriesOf<"checkpoints">();

/** PostgreSQL 17 has pg_stat_checkpointer; what backends write is in pg_stat_io only. */
const firstWithCheckpointer = 170_000;

const backgroundWriter = {
  pg_stat_bgwriter_buffers_clean_total: "buffers_clean",
  pg_stat_bgwriter_maxwritten_clean_total: "maxwritten_clean",
  pg_stat_bgwriter_buffers_alloc_total: "buffers_alloc",
  pg_stat_bgwriter_stats_reset_total: epoch("stats_reset"),
} as const;

const before17: readonly Query[] = [
  query({
    labels: {},
    values: {
      ...backgroundWriter,
      pg_stat_bgwriter_checkpoints_timed_total: "checkpoints_timed",
      pg_stat_bgwriter_checkpoints_req_total: "checkpoints_req",
      pg_stat_bgwriter_checkpoint_write_time_total: "checkpoint_write_time",
      pg_stat_bgwriter_checkpoint_sync_time_total: "checkpoint_sync_time",
      pg_stat_bgwriter_buffers_checkpoint_total: "buffers_checkpoint",
      pg_stat_bgwriter_buffers_backend_total: "buffers_backend",
      pg_stat_bgwriter_buffers_backend_fsync_total: "buffers_backend_fsync",
      howdah_checkpoint_write_seconds_total: "checkpoint_write_time / 1000",
      howdah_checkpoint_sync_seconds_total: "checkpoint_sync_time / 1000",
      howdah_backend_fsyncs_total: "buffers_backend_fsync",
    },
    from: "pg_stat_bgwriter",
  }),
  query({
    labels: { kind: "k.kind" },
    values: { howdah_checkpoints_total: "k.count" },
    from: "pg_stat_bgwriter, LATERAL (VALUES ('timed', checkpoints_timed), ('requested', checkpoints_req)) AS k (kind, count)",
  }),
  query({
    labels: { by: "w.by" },
    values: { howdah_buffers_written_total: "w.count" },
    from: "pg_stat_bgwriter, LATERAL (VALUES ('checkpointer', buffers_checkpoint), ('background writer', buffers_clean), ('backends', buffers_backend)) AS w (by, count)",
  }),
];

const since17: readonly Query[] = [
  query({ labels: {}, values: backgroundWriter, from: "pg_stat_bgwriter" }),
  query({
    labels: {},
    values: {
      pg_stat_checkpointer_num_timed_total: "num_timed",
      pg_stat_checkpointer_num_requested_total: "num_requested",
      pg_stat_checkpointer_restartpoints_timed_total: "restartpoints_timed",
      pg_stat_checkpointer_restartpoints_req_total: "restartpoints_req",
      pg_stat_checkpointer_restartpoints_done_total: "restartpoints_done",
      pg_stat_checkpointer_write_time_total: "write_time",
      pg_stat_checkpointer_sync_time_total: "sync_time",
      pg_stat_checkpointer_buffers_written_total: "buffers_written",
      pg_stat_checkpointer_stats_reset_total: epoch("stats_reset"),
      howdah_checkpoint_write_seconds_total: "write_time / 1000",
      howdah_checkpoint_sync_seconds_total: "sync_time / 1000",
    },
    from: "pg_stat_checkpointer",
  }),
  query({
    labels: {},
    values: { howdah_backend_fsyncs_total: "coalesce(sum(fsyncs), 0)" },
    from: "pg_stat_io WHERE backend_type = 'client backend' AND object = 'relation'",
  }),
  query({
    labels: { kind: "k.kind" },
    // The time of writing is that of restartpoints too; earlier versions count these among the others.
    values: { howdah_checkpoints_total: "k.count" },
    from: "pg_stat_checkpointer, LATERAL (VALUES ('timed', num_timed), ('requested', num_requested), ('restartpoint', restartpoints_done)) AS k (kind, count)",
  }),
  query({
    labels: {
      by: "CASE WHEN backend_type IN ('checkpointer', 'background writer') THEN backend_type ELSE 'backends' END",
    },
    values: { howdah_buffers_written_total: "sum(coalesce(writes, 0) + coalesce(extends, 0))" },
    from: "pg_stat_io WHERE object = 'relation' GROUP BY 1",
  }),
];

export const checkpoints = defineSqlSet({
  name: "checkpoints",
  interval: 30,
  scope: "server",
  queries: ({ version }) => (version >= firstWithCheckpointer ? since17 : before17),
});
