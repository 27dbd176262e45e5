import { metric, promql, type Selector } from "../expression";
import { max, percent, rate, sum, top } from "./kit/expressions";
import { dashboard, table, timeseries } from "./kit/model";
import { oneTable } from "./rows/tables-detail";
import { detail, legend, ofDatabase, relation } from "./rows/tables-labels";
import { unwanted, wear } from "./rows/tables-wear";

const size = metric("pg_stat_user_tables_table_size_bytes");
const indexSize = metric("pg_stat_user_tables_index_size_bytes");
const live = metric("pg_stat_user_tables_n_live_tup");
const dead = metric("pg_stat_user_tables_n_dead_tup");
const updates = metric("pg_stat_user_tables_n_tup_upd");
const scans = { sequential: metric("pg_stat_user_tables_seq_scan"), index: metric("pg_stat_user_tables_idx_scan") };
const heap = {
  hit: metric("pg_statio_user_tables_heap_blocks_hit"),
  read: metric("pg_statio_user_tables_heap_blocks_read"),
};

const ofTable = (counter: Selector) => sum(rate(counter), ...relation);
const deadShare = percent(max(dead, ...relation), promql`${max(dead, ...relation)} + ${max(live, ...relation)}`);

export const tables = dashboard({
  title: "Tables and indexes",
  about: "What is large, what grows, what is read in full, and what wears out.",
  rows: [
    {
      title: "Size and use",
      lines: [
        {
          largest: table({
            title: "Largest tables",
            description:
              "Tables by size; one with many dead rows or more bytes of indexes than of rows is worth a look.",
            labels: { datname: "Database", schemaname: "Schema", relname: "Table" },
            values: {
              Size: { expr: max(size, ...relation), unit: "bytes" },
              Indexes: { expr: max(indexSize, ...relation), unit: "bytes" },
              Rows: { expr: max(live, ...relation), unit: "short" },
              "Dead rows": { expr: deadShare, unit: "percent" },
            },
            sort: "Size",
            detail,
          }),
        },
        {
          growth: timeseries({
            title: "Growth",
            description: "Bytes by which tables grow a second; the disk is full the sooner.",
            unit: "binBps",
            queries: { [legend]: top(max(promql`deriv(${size.over("$__rate_interval")})`, ...relation)) },
            detail,
          }),
          "database-size": timeseries({
            title: "Databases",
            description:
              "Disk space of the databases; growth that does not follow the load is bloat, or forgotten data.",
            unit: "bytes",
            stacked: true,
            queries: { "{{datname}}": ofDatabase(metric("pg_database_size_bytes")) },
          }),
          counts: timeseries({
            title: "Tables and indexes",
            description: "Numbers of tables and indexes; if they grow every day, an application creates them.",
            unit: "short",
            queries: {
              "{{datname}} tables": ofDatabase(metric("howdah_tables")),
              "{{datname}} indexes": ofDatabase(metric("howdah_indexes")),
            },
          }),
        },
        {
          "sequential-scans": timeseries({
            title: "Rows read by sequential scans",
            description: "Rows a second that are read without an index; a large table here lacks one.",
            unit: "cps",
            queries: { [legend]: top(ofTable(metric("pg_stat_user_tables_seq_tup_read"))) },
            detail,
          }),
          "index-share": timeseries({
            title: "Scans that use an index",
            description: "Scans by index in percent of all; a low figure is fine for small tables only.",
            unit: "percent",
            max: 100,
            queries: {
              "{{datname}}": percent(
                sum(rate(scans.index), "datname"),
                promql`${sum(rate(scans.index), "datname")} + ${sum(rate(scans.sequential), "datname")}`,
              ),
            },
          }),
          cache: timeseries({
            title: "Cache hits of tables",
            description:
              "Blocks of tables from shared buffers, in percent of all; the lowest are what does not fit into memory.",
            unit: "percent",
            max: 100,
            queries: {
              "{{datname}}": percent(
                sum(rate(heap.hit), "datname"),
                promql`${sum(rate(heap.hit), "datname")} + ${sum(rate(heap.read), "datname")}`,
              ),
            },
          }),
        },
        {
          writes: timeseries({
            title: "Writes",
            description: "Rows inserted, updated and deleted a second, in the tables with most of them.",
            unit: "cps",
            queries: {
              [`${legend} inserts`]: top(ofTable(metric("pg_stat_user_tables_n_tup_ins"))),
              [`${legend} updates`]: top(ofTable(updates)),
              [`${legend} deletes`]: top(ofTable(metric("pg_stat_user_tables_n_tup_del"))),
            },
            detail,
          }),
          hot: timeseries({
            title: "HOT updates",
            description:
              "Updates that change no index, in percent; a low figure makes indexes grow, and calls for a lower fillfactor.",
            unit: "percent",
            max: 100,
            queries: {
              "{{datname}}": percent(
                sum(rate(metric("pg_stat_user_tables_n_tup_hot_upd")), "datname"),
                sum(rate(updates), "datname"),
              ),
            },
          }),
          dead: timeseries({
            title: "Dead rows",
            description: "Dead rows in percent of all, in the tables with most of them; queries read them in vain.",
            unit: "percent",
            queries: { [legend]: top(deadShare) },
            detail,
          }),
        },
      ],
    },
    wear,
    unwanted,
    oneTable,
  ],
});
