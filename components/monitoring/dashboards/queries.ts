import { days, metric, promql, recorded, type Selector } from "../expression";
import { statementMean, statementShare, temporaryBytes } from "../recording";
import { grown, max, percent, rate, sum, top } from "./kit/expressions";
import { dashboard, type Detail, gauge, stat, table, timeseries } from "./kit/model";
import { above, from } from "./kit/thresholds";

const statement = ["queryid", "user", "datname"] as const;
const legend = "{{queryid}} of {{user}} in {{datname}}";
const detail: Detail = {
  title: "This query",
  dashboard: "query",
  variables: { queryid: "queryid", database: "datname" },
};

const mostOf = (counter: Selector) => top(sum(rate(counter), ...statement));
const calls = metric("pg_stat_statements_calls_total");
const seconds = metric("pg_stat_statements_seconds_total");
const hit = metric("howdah_statement_blocks_hit_total");
const read = metric("howdah_statement_blocks_read_total");
const labels = { queryid: "Query ID", user: "User", datname: "Database" } as const;

export const queries = dashboard({
  title: "Queries",
  about: "Which statements the servers spend their time on, and which have become slower.",
  rows: [
    {
      title: "Where the time goes",
      lines: [
        {
          statements: table({
            title: "Statements",
            description: "Statements in the period shown; those at the top are what the server is slow with.",
            labels,
            values: {
              "Total time": { expr: sum(grown(seconds), ...statement), unit: "s" },
              Calls: { expr: sum(grown(calls), ...statement), unit: "short" },
              "Mean time": {
                expr: promql`${sum(grown(seconds), ...statement)} / (${sum(grown(calls), ...statement)} > ${0})`,
                unit: "s",
              },
              Rows: { expr: sum(grown(metric("pg_stat_statements_rows_total")), ...statement), unit: "short" },
              "Blocks read": { expr: sum(grown(read), ...statement), unit: "short" },
              WAL: { expr: sum(grown(metric("howdah_statement_wal_bytes_total")), ...statement), unit: "bytes" },
            },
            sort: "Total time",
            detail,
          }),
        },
        {
          time: timeseries({
            title: "Time",
            description:
              "Seconds that statements run in each second; one second is one session that is always busy with it.",
            unit: "short",
            stacked: true,
            queries: { [legend]: mostOf(seconds) },
            detail,
          }),
          share: timeseries({
            title: "Share of all time",
            description:
              "Time of a statement in percent of that of all; a statement of the upper half is worth an index first.",
            unit: "percent",
            queries: { [legend]: top(max(promql`${statementShare}`, ...statement)) },
            detail,
          }),
        },
        {
          calls: timeseries({
            title: "Calls",
            description:
              "Executions a second; a sudden multiple comes from a loop in an application, or a cache that fails.",
            unit: "ops",
            queries: { [legend]: mostOf(calls) },
            detail,
          }),
          mean: timeseries({
            title: "Mean time",
            description: "Mean time of an execution; a step up is another plan, more rows, or locks.",
            unit: "s",
            queries: { [legend]: top(max(promql`${statementMean}`, ...statement)) },
            detail,
          }),
          regressions: timeseries({
            title: "Slower than last week",
            description:
              "Mean time of an execution as a multiple of that of the last seven days; above the line, a plan may have changed.",
            unit: "short",
            marks: above("StatementRegressed"),
            queries: {
              [legend]: top(
                max(promql`${statementMean} / avg_over_time(${recorded(statementMean).over(days(7))})`, ...statement),
              ),
            },
            detail,
          }),
        },
      ],
    },
    {
      title: "What they use",
      lines: [
        {
          rows: timeseries({
            title: "Rows",
            description: "Rows returned or changed a second; many per call are more than an application shows.",
            unit: "cps",
            queries: { [legend]: mostOf(metric("pg_stat_statements_rows_total")) },
            detail,
          }),
          wal: timeseries({
            title: "WAL",
            description: "WAL a second; the statement that writes most of it decides how far replicas fall behind.",
            unit: "binBps",
            queries: { [legend]: mostOf(metric("howdah_statement_wal_bytes_total")) },
            detail,
          }),
          temporary: timeseries({
            title: "Temporary blocks",
            description: "Blocks of temporary files a second; sorts and joins that do not fit into work_mem.",
            unit: "ops",
            queries: { [legend]: mostOf(metric("howdah_statement_temp_blocks_total")) },
            detail,
          }),
        },
        {
          reads: timeseries({
            title: "Blocks from outside shared buffers",
            description: "Blocks read a second; statements that read most push the data of others out of memory.",
            unit: "ops",
            queries: { [legend]: mostOf(read) },
            detail,
          }),
          "io-time": timeseries({
            title: "Time of reads and writes",
            description: "Seconds that statements wait for blocks in each second; it needs track_io_timing.",
            unit: "short",
            queries: {
              [`${legend}, reads`]: mostOf(metric("pg_stat_statements_block_read_seconds_total")),
              [`${legend}, writes`]: mostOf(metric("pg_stat_statements_block_write_seconds_total")),
            },
            detail,
          }),
          "hit-rate": gauge({
            title: "Cache hits of all statements",
            description:
              "Blocks of statements that were in shared buffers, in percent; far below 90 the working set does not fit.",
            unit: "percent",
            max: 100,
            queries: {
              "{{server}}": percent(
                sum(rate(hit), "server"),
                promql`${sum(rate(hit), "server")} + ${sum(rate(read), "server")}`,
              ),
            },
          }),
        },
        {
          "temporary-files": timeseries({
            title: "Temporary files",
            description: "Bytes of temporary files in an hour; queries sort and join on disk.",
            unit: "bytes",
            marks: from("TempFiles"),
            queries: { "{{server}} {{datname}}": promql`${temporaryBytes}` },
          }),
          stored: gauge({
            title: "Stored statements",
            description: "Statements in percent of pg_stat_statements.max; at 100 the rare ones are evicted.",
            unit: "percent",
            max: 100,
            queries: {
              "{{server}}": percent(metric("howdah_statements"), metric("pg_settings_pg_stat_statements_max")),
            },
          }),
          evictions: stat({
            title: "Evictions in two days",
            description: "Times that pg_stat_statements has thrown statements out; slow ones may go unnoticed.",
            unit: "short",
            marks: from("StatementsEvicted"),
            queries: { "{{server}}": promql`increase(${metric("howdah_statement_evictions_total").over(days(2))})` },
          }),
        },
      ],
    },
  ],
});
