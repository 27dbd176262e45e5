import { defineSqlSet, queriesOf } from "../sql-set";

const io = queriesOf<"io">();
const slru = queriesOf<"slru">();

const labels = { backend_type: "backend_type", object: "object", context: "context" } as const;

/** pg_stat_io. Processes that have done nothing yet are left out: most combinations never occur. */
export const inputOutput = defineSqlSet({
  name: "io",
  interval: 30,
  scope: "server",
  queries: ({ version }) =>
    version < 160_000
      ? []
      : [
          io({
            labels: { ...labels, operation: "o.operation" },
            values: { howdah_io_operations_total: "o.count", howdah_io_seconds_total: "nullif(o.time, 0) / 1000" },
            from: "pg_stat_io, LATERAL (VALUES ('read', reads, read_time), ('write', writes, write_time), ('extend', extends, extend_time), ('fsync', fsyncs, fsync_time)) AS o (operation, count, time) WHERE o.count > 0",
          }),
          io({
            labels,
            values: { howdah_io_hits_total: "hits", howdah_io_evictions_total: "evictions" },
            from: "pg_stat_io WHERE hits > 0",
          }),
        ],
});

export const slruCaches = defineSqlSet({
  name: "slru",
  interval: 60,
  scope: "server",
  queries: () => [
    slru({
      labels: { name: "name" },
      values: {
        howdah_slru_hits_total: "blks_hit",
        howdah_slru_reads_total: "blks_read",
        howdah_slru_writes_total: "blks_written",
      },
      from: "pg_stat_slru",
    }),
  ],
});
