import { days, metric, promql, recorded } from "../expression";
import { statementMean, statementShare } from "../recording";
import { max, percent, rate, sum } from "./kit/expressions";
import { dashboard, stat, table, timeseries } from "./kit/model";

const one = { queryid: "$queryid" } as const;
const calls = metric("pg_stat_statements_calls_total", one);
const seconds = metric("pg_stat_statements_seconds_total", one);
const rows = metric("pg_stat_statements_rows_total", one);
const hit = metric("howdah_statement_blocks_hit_total", one);
const read = metric("howdah_statement_blocks_read_total", one);
const wal = metric("howdah_statement_wal_bytes_total", one);
const temporary = metric("howdah_statement_temp_blocks_total", one);

type Counter = typeof calls;
const each = (counter: Counter) => sum(rate(counter), "server");
const perCall = (counter: Counter) => promql`${each(counter)} / (${each(calls)} > ${0})`;
const mean = recorded(statementMean, one);

export const query = dashboard({
  title: "One query",
  about: "What one statement costs, and whether that has changed; choose it by a click in Queries.",
  rows: [
    {
      title: "Now",
      lines: [
        {
          "mean-now": stat({
            title: "Mean time",
            description: "Mean time of an execution in the last quarter of an hour; users wait for it.",
            unit: "s",
            queries: { "{{server}}": max(mean, "server") },
          }),
          "share-now": stat({
            title: "Share of all time",
            description: "Time of this statement in percent of that of all; below one, others are worth more work.",
            unit: "percent",
            queries: { "{{server}}": max(recorded(statementShare, one), "server") },
          }),
          "calls-now": stat({
            title: "Calls",
            description:
              "Executions a second; a cheap statement that is called all the time costs as much as a slow one.",
            unit: "ops",
            queries: { "{{server}}": each(calls) },
          }),
          "rows-now": stat({
            title: "Rows per call",
            description: "Rows of an execution; thousands are more than an application shows.",
            unit: "short",
            queries: { "{{server}}": perCall(rows) },
          }),
        },
      ],
    },
    {
      title: "Over time",
      lines: [
        {
          mean: timeseries({
            title: "Mean time",
            description:
              "Mean time of an execution now, a day and a week ago; a step is another plan, more rows, or locks.",
            unit: "s",
            queries: {
              "{{server}}": max(mean, "server"),
              "{{server}} a day ago": max(mean.ago(days(1)), "server"),
              "{{server}} a week ago": max(mean.ago(days(7)), "server"),
            },
          }),
          calls: timeseries({
            title: "Calls",
            description:
              "Executions a second; a sudden multiple comes from a loop in an application, or a cache that fails.",
            unit: "ops",
            queries: { "{{server}}": each(calls) },
          }),
        },
        {
          time: timeseries({
            title: "Time",
            description: "Seconds that it runs in each second; one second is one session that is always busy with it.",
            unit: "short",
            queries: { "{{server}}": each(seconds) },
          }),
          "time-parts": timeseries({
            title: "What the time is spent on",
            description:
              "Time of an execution that is reading, writing, and all else; reads call for memory, the rest for a better plan.",
            unit: "s",
            stacked: true,
            queries: {
              "{{server}} reads": perCall(metric("pg_stat_statements_block_read_seconds_total", one)),
              "{{server}} writes": perCall(metric("pg_stat_statements_block_write_seconds_total", one)),
              "{{server}} all else": promql`${perCall(seconds)} - ${perCall(metric("pg_stat_statements_block_read_seconds_total", one))} - ${perCall(metric("pg_stat_statements_block_write_seconds_total", one))}`,
            },
          }),
        },
        {
          rows: timeseries({
            title: "Rows per call",
            description: "Rows of an execution; growth makes it slower with every day.",
            unit: "short",
            queries: { "{{server}}": perCall(rows) },
          }),
          blocks: timeseries({
            title: "Blocks per call",
            description:
              "Blocks of an execution, from shared buffers and from outside; many for few rows call for an index.",
            unit: "short",
            stacked: true,
            queries: { "{{server}} hit": perCall(hit), "{{server}} read": perCall(read) },
          }),
          "hit-rate": timeseries({
            title: "Cache hits",
            description:
              "Blocks that were in shared buffers, in percent; a low figure is data that does not fit into memory.",
            unit: "percent",
            max: 100,
            queries: { "{{server}}": percent(each(hit), promql`${each(hit)} + ${each(read)}`) },
          }),
        },
        {
          wal: timeseries({
            title: "WAL per call",
            description: "WAL of an execution; much of it for few rows comes from many indexes or full pages.",
            unit: "bytes",
            queries: { "{{server}}": perCall(wal) },
          }),
          temporary: timeseries({
            title: "Temporary blocks per call",
            description:
              "Blocks of temporary files of an execution; any means that a sort or join does not fit into work_mem.",
            unit: "short",
            queries: { "{{server}}": perCall(temporary) },
          }),
          users: table({
            title: "Who runs it",
            description:
              "Users and databases with this statement; one that runs it far more often than the others is worth a question.",
            labels: { user: "User", datname: "Database", server: "Server" },
            values: {
              "Calls a second": { expr: sum(rate(calls), "user", "datname", "server"), unit: "ops" },
              "Mean time": { expr: max(mean, "user", "datname", "server"), unit: "s" },
            },
            sort: "Calls a second",
            detail: { title: "Sessions", dashboard: "sessions", variables: { server: "server", database: "datname" } },
          }),
        },
      ],
    },
  ],
});
