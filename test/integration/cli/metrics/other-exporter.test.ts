import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { renderText } from "../../../../cli/metrics/series";
import { waitFor } from "../../../../lib/retry";
import { collected, monitoringRole } from "../../../support/monitoring/collected";
import { freePorts } from "../../../support/servers/ports";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";
import { otherExporter } from "../../../../setup/packages/packages";

let postgres: ThrowawayPostgres;
let exporter: ChildProcess;
let port = 0;

/** Values by name and labels, without the label that names the server. */
type Values = ReadonlyMap<string, number>;

function valuesOf(text: string): Values {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line): [string, number] => {
      const [, name = "", labels = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([pair, label]) => ({ pair, label }));
      const own = pairs.filter(({ pair, label }) => label !== "server" && !pair.endsWith('=""'));
      return [`${name}{${own.map(({ pair }) => pair).sort().join()}}`, Number(value)]; // prettier-ignore
    }),
  );
}

const nameOf = (key: string): string => key.slice(0, key.indexOf("{"));

const ours = async (): Promise<Values> => valuesOf(renderText((await collected(postgres)).all));

async function theirs(): Promise<Values | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
  return answer && valuesOf(await answer.text());
}

/** Queries for tables and more that Debian's package brings along, on machines that keep documentation. */
const examples = "/usr/share/doc/prometheus-postgres-exporter/examples/queries.yaml";
const hasExamples = existsSync(examples);

let before: Values = new Map();
let other: Values = new Map();
let after: Values = new Map();
/** Name and labels of every series that both have. */
let shared: string[] = [];

beforeAll(async () => {
  const archiving = ["archive_mode=on", "archive_command=true"];
  postgres = await startPostgres(["max_prepared_transactions=5", "track_io_timing=on", ...archiving]);
  await postgres.sql("postgres", `CREATE ROLE ${monitoringRole} LOGIN CONNECTION LIMIT 4 IN ROLE pg_monitor`);
  await postgres.sql("postgres", "CREATE DATABASE shop");
  await postgres.sql("postgres", "SELECT pg_create_physical_replication_slot('standby', true)");
  await postgres.sql("shop", "SELECT pg_stat_reset()");
  await postgres.sql("shop", "CREATE TABLE item (id int PRIMARY KEY, n int)");
  await postgres.sql(
    "shop",
    "INSERT INTO item SELECT g, g FROM generate_series(1, 10000) g; DELETE FROM item WHERE id > 9000",
  );
  await postgres.sql(
    "shop",
    "BEGIN; UPDATE item SET n = 0 WHERE id < 100; ROLLBACK; SET enable_seqscan = off; SELECT FROM item WHERE id = 1",
  );
  await postgres.sql("shop", "SET work_mem = '64kB'; SELECT * FROM item ORDER BY n OFFSET 8999");
  await postgres.sql("postgres", "CHECKPOINT; SELECT pg_switch_wal()");
  const isArchived = async () => {
    const [row] = await postgres.sql<{ n: number }>(
      "postgres",
      "SELECT archived_count::int AS n FROM pg_stat_archiver",
    );
    return row!.n > 0 ? true : undefined;
  };
  await waitFor(isArchived, { timeout: 20_000 });
  [port = 0] = await freePorts(1);
  const at = `postgresql://${monitoringRole}@127.0.0.1:${postgres.port}/shop?sslmode=disable`;
  const extended = hasExamples ? [`--extend.query-path=${examples}`] : [];
  exporter = spawn(otherExporter.program, [`--web.listen-address=127.0.0.1:${port}`, ...extended], {
    env: { DATA_SOURCE_NAME: at },
    stdio: "ignore",
  });
  // Its session is there from then on.
  await waitFor(theirs, { timeout: 20_000 });
  before = await ours();
  other = (await theirs()) ?? new Map();
  after = await ours();
  shared = [...other.keys()].filter((key) => before.has(key) && after.has(key));
});

afterAll(async () => {
  exporter.kill("SIGKILL");
  await postgres.stop();
});

/** Why a series that both have differs all the same. */
const different: Readonly<Record<string, string>> = {
  pg_locks_count: "counts the other exporter's own locks; ours leaves its own out",
  pg_stat_database_numbackends: "counts the session that asks",
  pg_exporter_last_scrape_error: "is of the exporter itself; a query of Debian's for pg_stat_statements always fails",
  pg_up: "is of the exporter itself",
};

/** Names that rules and dashboards of others use most. */
const expected = [
  "pg_database_size_bytes",
  "pg_replication_slots_active",
  "pg_replication_slots_pg_wal_lsn_diff",
  "pg_settings_max_connections",
  "pg_settings_shared_buffers_bytes",
  "pg_settings_server_version_num",
  "pg_stat_archiver_archived_count",
  "pg_stat_archiver_failed_count",
  "pg_stat_archiver_last_archive_age",
  "pg_stat_bgwriter_buffers_alloc_total",
  "pg_stat_bgwriter_checkpoints_req_total",
  "pg_stat_database_blks_hit",
  "pg_stat_database_conflicts_confl_snapshot",
  "pg_stat_database_deadlocks",
  "pg_stat_database_temp_bytes",
  "pg_stat_database_tup_fetched",
  "pg_stat_database_xact_commit",
  "pg_stat_database_xact_rollback",
  "pg_up",
];
const expectedOfTables = [
  "pg_stat_user_tables_n_dead_tup",
  "pg_stat_user_tables_n_live_tup",
  "pg_stat_user_tables_n_tup_del",
  "pg_stat_user_tables_idx_scan",
  "pg_stat_user_tables_last_autovacuum",
  "pg_postmaster_start_time_seconds",
];

/** Names that we have from postgres_exporter 0.20. */
const ofLaterVersions = [
  "pg_database_connection_limit",
  "pg_database_wraparound_age_datfrozenxid_seconds",
  "pg_database_wraparound_age_datminmxid_seconds",
  "pg_long_running_transactions",
  "pg_long_running_transactions_oldest_timestamp_seconds",
  "pg_replication_is_replica",
  "pg_replication_lag_seconds",
  "pg_replication_slots_slot_confirmed_flush_lsn",
  "pg_replication_slots_slot_current_wal_lsn",
  "pg_replication_slots_slot_is_active",
  "pg_replication_slots_wal_status",
  "pg_roles_connection_limit",
  "pg_stat_database_active_time_seconds_total",
  "pg_statio_user_tables_heap_blocks_hit",
  "pg_statio_user_tables_heap_blocks_read",
  "pg_statio_user_tables_idx_blocks_hit",
  "pg_statio_user_tables_idx_blocks_read",
  // Of the query that rules of others expect.
  "pg_txid_current",
  "pg_wal_segments",
  "pg_wal_size_bytes",
  "pg_xlog_location_bytes",
];

test("we have the series of Debian's exporter, with its names and labels", () => {
  const names = new Set(shared.map(nameOf));
  expect([...names]).toEqual(expect.arrayContaining(expected));
  expect(names.size).toBeGreaterThanOrEqual(85);
});

(hasExamples ? test : test.skip)("and those of tables, which its examples add", () => {
  const names = new Set(shared.map(nameOf));
  expect([...names]).toEqual(expect.arrayContaining(expectedOfTables));
  expect(names.size).toBeGreaterThanOrEqual(100);
});

test("series that both have are equal: as ours do not change, or between our readings before and after", () => {
  // It cuts a time off at the second.
  const isTime = (key: string): boolean => /_reset|_start_time_/.test(nameOf(key));
  const apart = shared.filter((key) => {
    const [one = NaN, two = NaN, theirs = NaN] = [before.get(key), after.get(key), other.get(key)];
    const [low, high] = [Math.min(one, two), Math.max(one, two)];
    return isTime(key) ? Math.floor(high) !== theirs : theirs < low || theirs > high;
  });
  expect(apart.filter((key) => different[nameOf(key)] === undefined)).toEqual([]);
  // Most of them do not change, and what was done shows.
  expect(shared.filter((key) => before.get(key) === after.get(key)).length).toBeGreaterThan(80);
  const shown = (name: string): boolean =>
    shared.some(
      (key) => nameOf(key) === `pg_stat_database_${name}` && key.includes('"shop"') && (other.get(key) ?? 0) > 0,
    );
  const done = ["tup_inserted", "tup_deleted", "temp_files", "xact_rollback", "blks_hit"];
  expect(done.filter((name) => !shown(name))).toEqual([]);
});

test("names that both have with other labels, and what is ours alone", () => {
  const namesOf = (values: Values): Set<string> => new Set([...values.keys()].map(nameOf));
  const [theirNames, ourNames, same] = [namesOf(other), namesOf(before), new Set(shared.map(nameOf))];
  // postgres_exporter 0.20 has more labels, or others.
  expect([...theirNames].filter((name) => ourNames.has(name) && !same.has(name)).sort()).toEqual([
    "pg_stat_activity_count",
    "pg_stat_activity_max_tx_duration",
    "pg_static",
  ]);
  const alone = [...ourNames].filter((name) => !theirNames.has(name) && !name.startsWith("howdah_"));
  expect(alone.filter((name) => !name.startsWith("pg_stat_user_tables_")).sort()).toEqual(ofLaterVersions);
});
