import { metric, type Selector } from "../../expression";
import { max, rate, sum } from "../kit/expressions";
import { row, table, timeseries } from "../kit/model";

const one = { relname: "$table" } as const;
const ofOne = (counter: Selector) => sum(rate(counter), "datname", "schemaname");

export const oneTable = row({
  title: "One table: $table",
  folded: true,
  lines: [
    {
      "one-size": timeseries({
        title: "Size",
        description: "Size of the table and of its indexes; indexes that outgrow the table are bloated or too many.",
        unit: "bytes",
        queries: {
          "{{datname}} {{schemaname}} table": max(
            metric("pg_stat_user_tables_table_size_bytes", one),
            "datname",
            "schemaname",
          ),
          "{{datname}} {{schemaname}} indexes": max(
            metric("pg_stat_user_tables_index_size_bytes", one),
            "datname",
            "schemaname",
          ),
        },
      }),
      "one-scans": timeseries({
        title: "Scans",
        description: "Scans a second; sequential ones of a large table read all of it each time.",
        unit: "ops",
        queries: {
          "{{datname}} {{schemaname}} sequential": ofOne(metric("pg_stat_user_tables_seq_scan", one)),
          "{{datname}} {{schemaname}} index": ofOne(metric("pg_stat_user_tables_idx_scan", one)),
        },
      }),
      "one-rows": timeseries({
        title: "Rows",
        description:
          "Live and dead rows; dead ones that only rise mean that vacuum does not come or cannot remove them.",
        unit: "short",
        queries: {
          "{{datname}} {{schemaname}} live": max(
            metric("pg_stat_user_tables_n_live_tup", one),
            "datname",
            "schemaname",
          ),
          "{{datname}} {{schemaname}} dead": max(
            metric("pg_stat_user_tables_n_dead_tup", one),
            "datname",
            "schemaname",
          ),
        },
      }),
    },
    {
      "one-indexes": table({
        title: "Indexes",
        description: "Indexes of the table; one without scans on any server costs writes and space for nothing.",
        labels: { datname: "Database", schemaname: "Schema", indexrelname: "Index" },
        values: {
          Size: {
            expr: max(metric("howdah_index_size_bytes", one), "datname", "schemaname", "indexrelname"),
            unit: "bytes",
          },
          Scans: {
            // Since the statistics were reset; a rate would need days for an index that is used once a week.
            expr: sum(metric("howdah_index_scans_total", one), "datname", "schemaname", "indexrelname"),
            unit: "short",
          },
        },
        sort: "Size",
      }),
    },
  ],
});
