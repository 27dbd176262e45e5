import { defineSqlSet, type Query, queriesOf, type ServerFacts } from "../sql-set";

const query = queriesOf<"statements">();

/** Statements with series of their own. */
const places = 100;

/** Version of the extension, as a number: 1.10 is 110, 1.9 is 109. */
const firstWithSharedTimes = 111;

function statementQueries({ statements }: ServerFacts): readonly Query[] {
  if (statements === undefined) return [];
  const { schema, version } = statements;
  const prefix = version >= firstWithSharedTimes ? "shared_blk" : "blk";
  return [
    query({
      labels: { user: "pg_get_userbyid(s.userid)", datname: "d.datname", queryid: "s.queryid" },
      values: {
        pg_stat_statements_calls_total: "sum(s.calls)",
        pg_stat_statements_seconds_total: "sum(s.total_exec_time) / 1000",
        pg_stat_statements_rows_total: "sum(s.rows)",
        pg_stat_statements_block_read_seconds_total: `sum(s.${prefix}_read_time) / 1000`,
        pg_stat_statements_block_write_seconds_total: `sum(s.${prefix}_write_time) / 1000`,
        howdah_statement_wal_bytes_total: "sum(s.wal_bytes)",
        howdah_statement_temp_blocks_total: "sum(s.temp_blks_read + s.temp_blks_written)",
        howdah_statement_blocks_hit_total: "sum(s.shared_blks_hit)",
        howdah_statement_blocks_read_total: "sum(s.shared_blks_read)",
      },
      // Without texts, which would have to be read from disk.
      from: `${schema}.pg_stat_statements(false) s JOIN pg_database d ON d.oid = s.dbid WHERE s.queryid IS NOT NULL GROUP BY s.userid, d.datname, s.queryid`,
      places: {
        limit: places,
        by: "pg_stat_statements_seconds_total",
        rest: { user: "", datname: "", queryid: "other" },
      },
    }),
    query({
      labels: {},
      values: {
        howdah_statements: `(SELECT count(*) FROM ${schema}.pg_stat_statements(false))`,
        howdah_statement_evictions_total: "dealloc",
      },
      from: `${schema}.pg_stat_statements_info()`,
    }),
  ];
}

export const statements = defineSqlSet({
  name: "statements",
  interval: 60,
  scope: "first database",
  queries: statementQueries,
});
