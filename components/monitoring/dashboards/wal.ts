import { requestedShare, checkpointTime } from "../alerts/speed";
import { archiveAge, walBudgetUsed } from "../alerts/storage";
import { isPrimary, metric, promql, type Selector } from "../expression";
import { walBytes } from "../recording";
import { percent, rate, sum, top } from "./kit/expressions";
import { dashboard, stateTimeline, timeseries } from "./kit/model";
import { above, from } from "./kit/thresholds";

const operations = metric("howdah_io_operations_total");
const perBackend = ["backend_type", "operation"] as const;
const ofSlru = (counter: Selector) => sum(rate(counter), "server", "name");

export const wal = dashboard({
  title: "WAL and checkpoints",
  about: "How much is written, whether it reaches the archive, and what checkpoints cost.",
  rows: [
    {
      title: "WAL",
      lines: [
        {
          rate: timeseries({
            title: "WAL",
            description: "WAL a second; replicas, the archive and the disk have to keep up with it.",
            unit: "binBps",
            queries: { "{{server}}": promql`${walBytes}` },
          }),
          "full-pages": timeseries({
            title: "Full page images",
            description:
              "WAL records with a full page, in percent; many after each checkpoint call for a larger max_wal_size.",
            unit: "percent",
            max: 100,
            queries: {
              "{{server}}": percent(
                rate(metric("howdah_wal_full_page_images_total")),
                rate(metric("howdah_wal_records_total")),
              ),
            },
          }),
          "buffers-full": timeseries({
            title: "Full WAL buffers",
            description: "Writes of WAL a second because its buffers were full; any calls for a larger wal_buffers.",
            unit: "cps",
            queries: { "{{server}}": rate(metric("howdah_wal_buffers_full_total")) },
          }),
        },
        {
          directory: timeseries({
            title: "WAL beyond what checkpoints need",
            description:
              "WAL on disk beyond max_wal_size, in percent of what slots and the archive may add; the disk fills.",
            unit: "percent",
            marks: above("WalDirectory"),
            queries: { "{{server}}": promql`clamp_min(${walBudgetUsed}, ${0})` },
          }),
          "directory-size": timeseries({
            title: "WAL directory",
            description: "Size of the WAL on disk; growth that does not end comes from a slot or a failing archive.",
            unit: "bytes",
            queries: {
              "{{server}}": metric("pg_wal_size_bytes"),
              "{{server}} max_wal_size": metric("pg_settings_max_wal_size_bytes"),
            },
          }),
        },
      ],
    },
    {
      title: "Archive",
      lines: [
        {
          archive: stateTimeline({
            title: "Archiving",
            description:
              "Whether the last attempt to archive a segment failed; what is written meanwhile could not be restored.",
            unit: "none",
            states: { 0: "archiving", 1: "failing" },
            marks: from("ArchiveFailing"),
            queries: { "{{server}}": metric("howdah_archiver_failing") },
          }),
          "archive-age": timeseries({
            title: "Age of the archive",
            description:
              "Age of the last archived segment as a multiple of archive_timeout; what was written since could not be restored.",
            unit: "short",
            marks: above("ArchiveStale"),
            queries: { "{{server}}": promql`${archiveAge} and on (server) ${isPrimary}` },
          }),
          "ready-files": timeseries({
            title: "Segments that wait",
            description:
              "Segments that wait to be archived; if they only grow in number, the archive is slower than the writes.",
            unit: "short",
            marks: above("ArchiveBacklog"),
            queries: { "{{server}}": metric("howdah_wal_ready_files") },
          }),
        },
        {
          "ready-age": timeseries({
            title: "Longest wait of a segment",
            description:
              "Age of the oldest segment that waits to be archived; commits in it would be lost with all servers.",
            unit: "s",
            queries: { "{{server}}": metric("howdah_wal_ready_oldest_seconds") },
          }),
          archived: timeseries({
            title: "Archived segments",
            description:
              "Segments archived, and attempts that failed, a second; failures come before everything else here.",
            unit: "cps",
            queries: {
              "{{server}} archived": rate(metric("pg_stat_archiver_archived_count")),
              "{{server}} failed": rate(metric("pg_stat_archiver_failed_count")),
            },
          }),
        },
      ],
    },
    {
      title: "Checkpoints",
      lines: [
        {
          checkpoints: timeseries({
            title: "Requested checkpoints",
            description:
              "Checkpoints that WAL forced, in percent of all; above the line, max_wal_size is too small for the load.",
            unit: "percent",
            max: 100,
            marks: above("CheckpointsRequested"),
            queries: { "{{server}}": requestedShare },
          }),
          "checkpoint-count": timeseries({
            title: "Checkpoints",
            description: "Checkpoints a second by their reason; timed ones come as often as checkpoint_timeout says.",
            unit: "cps",
            queries: { "{{server}} {{kind}}": sum(rate(metric("howdah_checkpoints_total")), "server", "kind") },
          }),
          "checkpoint-time": timeseries({
            title: "Time of a checkpoint",
            description: "Mean time of writing in percent of checkpoint_timeout; near 100, the disk barely keeps up.",
            unit: "percent",
            marks: above("CheckpointSlow"),
            queries: { "{{server}}": checkpointTime },
          }),
        },
        {
          "checkpoint-work": timeseries({
            title: "Work of checkpoints",
            description:
              "Time in each second that checkpoints write and sync; syncs of seconds stop everything else on the disk.",
            unit: "short",
            queries: {
              "{{server}} writes": rate(metric("howdah_checkpoint_write_seconds_total")),
              "{{server}} syncs": rate(metric("howdah_checkpoint_sync_seconds_total")),
            },
          }),
          "written-by": timeseries({
            title: "Written buffers",
            description:
              "Buffers written a second, by whom; those that backends write themselves make their queries wait.",
            unit: "wps",
            stacked: true,
            queries: { "{{by}}": sum(rate(metric("howdah_buffers_written_total")), "by") },
          }),
          "backend-fsyncs": timeseries({
            title: "fsyncs of sessions",
            description:
              "Files that sessions sync themselves, a second; any at all means that the checkpointer's queue is full.",
            unit: "cps",
            marks: above("BackendFsyncs"),
            queries: { "{{server}}": rate(metric("howdah_backend_fsyncs_total")) },
          }),
        },
      ],
    },
    {
      title: "Buffers and I/O",
      lines: [
        {
          allocated: timeseries({
            title: "Allocated buffers",
            description:
              "Buffers allocated a second; a rise without more load is a statement that reads a whole table.",
            unit: "ops",
            queries: { "{{server}}": rate(metric("pg_stat_bgwriter_buffers_alloc_total")) },
          }),
          "writer-stops": timeseries({
            title: "Rounds cut short",
            description:
              "Rounds that the background writer cut short, a second; many call for a larger bgwriter_lru_maxpages.",
            unit: "cps",
            queries: { "{{server}}": rate(metric("pg_stat_bgwriter_maxwritten_clean_total")) },
          }),
          slru: timeseries({
            title: "SLRU caches",
            description:
              "Pages of SLRU caches that were in memory, in percent; low figures of MultiXact or Subtrans slow everything down.",
            unit: "percent",
            max: 100,
            queries: {
              "{{server}} {{name}}": percent(
                ofSlru(metric("howdah_slru_hits_total")),
                promql`${ofSlru(metric("howdah_slru_hits_total"))} + ${ofSlru(metric("howdah_slru_reads_total"))}`,
              ),
            },
          }),
        },
        {
          operations: timeseries({
            title: "I/O operations (PostgreSQL 16 or newer)",
            description:
              "Operations a second by who does them; writes and fsyncs of client backends make their queries wait.",
            unit: "iops",
            queries: { "{{backend_type}} {{operation}}": top(sum(rate(operations), ...perBackend)) },
          }),
          "operation-time": timeseries({
            title: "Time of an I/O operation (PostgreSQL 16 or newer)",
            description: "Mean time of an operation; reads of more than milliseconds come from the disk itself.",
            unit: "s",
            queries: {
              "{{backend_type}} {{operation}}": promql`${sum(rate(metric("howdah_io_seconds_total")), ...perBackend)} / (${sum(rate(operations), ...perBackend)} > ${0})`,
            },
          }),
          evictions: timeseries({
            title: "Evicted blocks (PostgreSQL 16 or newer)",
            description: "Blocks evicted from shared buffers a second; many mean that the working set does not fit.",
            unit: "ops",
            queries: {
              "{{backend_type}} {{context}}": sum(rate(metric("howdah_io_evictions_total")), "backend_type", "context"),
            },
          }),
        },
      ],
    },
  ],
});
