import { defineSqlSet, epoch, flag, queriesOf } from "../sql-set";

const files = queriesOf<"wal files">();

/** What is in the directory of the WAL; a cloud's server does not show it. */
export const walFiles = defineSqlSet({
  name: "wal files",
  interval: 30,
  scope: "server",
  queries: () => [
    files({
      labels: {},
      values: { pg_wal_segments: "count(*)", pg_wal_size_bytes: "coalesce(sum(size), 0)" },
      from: "pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'",
    }),
    files({
      labels: {},
      values: {
        howdah_wal_ready_files: "count(*)",
        howdah_wal_ready_oldest_seconds: `coalesce(${epoch("(clock_timestamp() - min(modification))")}, 0)`,
      },
      from: "pg_ls_archive_statusdir() WHERE name ~ '\\.ready$'",
    }),
  ],
});

const query = queriesOf<"wal">();

export const wal = defineSqlSet({
  name: "wal",
  interval: 30,
  scope: "server",
  queries: () => [
    query({
      labels: {},
      values: {
        pg_stat_archiver_archived_count: "archived_count",
        pg_stat_archiver_failed_count: "failed_count",
        pg_stat_archiver_last_archive_age: epoch("(clock_timestamp() - last_archived_time)"),
        howdah_archiver_last_archived_timestamp_seconds: epoch("last_archived_time"),
        howdah_archiver_last_failed_timestamp_seconds: epoch("last_failed_time"),
        howdah_archiver_failing: flag("last_failed_time > coalesce(last_archived_time, '-infinity')"),
      },
      from: "pg_stat_archiver",
    }),
    query({
      labels: {},
      values: {
        howdah_wal_records_total: "wal_records",
        howdah_wal_full_page_images_total: "wal_fpi",
        howdah_wal_bytes_total: "wal_bytes",
        howdah_wal_buffers_full_total: "wal_buffers_full",
      },
      from: "pg_stat_wal",
    }),
  ],
});
