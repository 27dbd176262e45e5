import { Client } from "pg";
import type { Series } from "../../../../cli/metrics/series";
import { sqlSets } from "../../../../cli/metrics/sets/sql";
import { defineSqlSet, queriesOf } from "../../../../cli/metrics/sql-set";
import { type CollectorMetric, collectorMetrics } from "../../../../contracts/metrics/collector";
import { settingMetric } from "../../../../contracts/metrics/collector/settings";
import { waitFor } from "../../../../lib/retry";
import { type Collection, collected, monitoringRole as login, samplesOf } from "../../../support/monitoring/collected";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";

let postgres: ThrowawayPostgres;
let version = 0;

const names = Object.keys(collectorMetrics) as CollectorMetric[];
const upOf = ({ all }: Collection, set: string): number | undefined =>
  samplesOf(all, "howdah_collector_up").find(([labels]) => labels["set"] === set)?.[1];

/** Runs `work` while a session holds what `text` has taken in a transaction. */
async function during<T>(text: string, work: () => Promise<T>): Promise<T> {
  const holder = new Client({ host: postgres.host, port: postgres.port, user: "postgres", database: "shop" });
  await holder.connect();
  try {
    await holder.query(`BEGIN; ${text}`);
    return await work();
  } finally {
    await holder.end();
  }
}

beforeAll(async () => {
  postgres = await startPostgres([
    "wal_level=logical",
    "max_slot_wal_keep_size=1GB",
    "max_prepared_transactions=5",
    "track_io_timing=on",
  ]);
  await postgres.sql("postgres", `CREATE ROLE ${login} LOGIN CONNECTION LIMIT 3 IN ROLE pg_monitor`);
  await postgres.sql("postgres", "CREATE DATABASE shop");
  const rows = await postgres.sql<{ version: number }>(
    "postgres",
    "SELECT current_setting('server_version_num')::int AS version",
  );
  version = rows[0]?.version ?? 0;
  const functions = ["pg_show_all_file_settings()", "pg_hba_file_rules()"];
  for (const one of functions) await postgres.sql("postgres", `GRANT EXECUTE ON FUNCTION ${one} TO ${login}`);
  await postgres.sql(
    "shop",
    `CREATE TABLE item (id serial PRIMARY KEY, name text NOT NULL, n smallint);
     INSERT INTO item (name, n) SELECT 'item ' || g, 1 FROM generate_series(1, 20000) g;
     CREATE TABLE booking (at int, EXCLUDE USING btree (at WITH =));
     CREATE INDEX item_name ON item (name); CREATE INDEX item_name_again ON item (name);
     DELETE FROM item WHERE id % 4 > 0; ANALYZE;
     GRANT SELECT (starelid, staattnum, stainherit, stanullfrac, stawidth) ON pg_catalog.pg_statistic TO ${login};
     CREATE SEQUENCE lowest MINVALUE ${-(2n ** 63n)} START 1; SELECT nextval('lowest');
     GRANT SELECT ON SEQUENCE item_id_seq, lowest TO ${login};`,
  );
  await postgres.sql("postgres", "SELECT pg_create_physical_replication_slot('standby', true)");
});

afterAll(() => postgres.stop());

/** What one idle server without standby cannot show, and why. */
const absent: readonly (readonly [reason: string, isAbsent: (name: CollectorMetric) => boolean])[] = [
  ["needs a standby", (name) => /^(pg_stat_replication|howdah_replication)_/.test(name)],
  ["is shown by a replica", (name) => /^(pg_stat|howdah)_wal_receiver_|^pg_replication_last_replay/.test(name)],
  ["needs a subscription", (name) => name.startsWith("howdah_subscription_")],
  ["needs an archive", (name) => /last_archive|archiver_last/.test(name)],
  ["needs a blocked session", (name) => name.startsWith("howdah_blocking_")],
  ["needs a running vacuum or index build", (name) => /^(pg_stat_progress_|howdah_index_build_)/.test(name)],
  ["needs a pending restart", (name) => name === "howdah_setting_pending_restart"],
  ["needs data checksums", (name) => name.startsWith("pg_stat_database_checksum_")],
  ["needs pg_stat_statements", (name) => /statement(s|_)/.test(name) && collectorMetrics[name].set === "statements"],
  ["is the setting of a library", (name) => name === settingMetric("pg_stat_statements_max")],
  ["is that of a reset", (name) => name === "pg_stat_database_stats_reset"],
  ["is of PostgreSQL 16", (name) => version < 160_000 && /^howdah_io_|pg_settings_reserved_connections/.test(name)],
  ["is of PostgreSQL 17", (name) => version < 170_000 && name.startsWith("pg_stat_checkpointer_")],
  [
    "is of PostgreSQL before 17",
    (name) => version >= 170_000 && /^pg_stat_bgwriter_(checkpoint|buffers_checkpoint|buffers_backend)/.test(name),
  ],
];

test("every set runs, and fills every metric of the catalogue that such a server can show", async () => {
  const { all, notes } = await during("SELECT 1", () => collected(postgres));
  expect(notes).toEqual([]);
  const own = names.filter((name) => sqlSets.some((set) => set.name === collectorMetrics[name].set));
  const missing = own.filter((name) => samplesOf(all, name).length === 0);
  expect(missing.filter((name) => !absent.some(([, isAbsent]) => isAbsent(name)))).toEqual([]);
  for (const name of own)
    for (const [labels] of samplesOf(all, name))
      expect([name, Object.keys(labels).sort()]).toEqual([name, [...collectorMetrics[name].labels].sort()]);
});

test("figures are those of the server", async () => {
  const { all } = await collected(postgres);
  const value = (name: CollectorMetric, labels: Record<string, string> = {}): number | undefined =>
    samplesOf(all, name).find(([own]) => Object.entries(labels).every(([key, text]) => own[key] === text))?.[1];
  expect(value("pg_up")).toBe(1);
  expect(value("pg_settings_server_version_num")).toBe(version);
  expect(value("pg_settings_shared_buffers_bytes")).toBe(16 * 1024 * 1024);
  expect(value("pg_settings_checkpoint_timeout_seconds")).toBe(300);
  expect(value("pg_roles_connection_limit", { rolname: login })).toBe(3);
  expect(value("pg_replication_slots_slot_is_active", { slot_name: "standby" })).toBe(0);
  expect(value("howdah_indexes_duplicate")).toBe(1);
  // Those of a primary key and of a constraint are needed even if nothing scans them.
  expect([value("howdah_indexes"), value("howdah_indexes_unused")]).toEqual([4, 2]);
  expect(value("howdah_sequence_used_ratio", { sequencename: "item_id_seq" })).toBeCloseTo(20_000 / 2 ** 31, 6);
  // From its lowest value, further than a bigint reaches.
  expect(value("howdah_sequence_used_ratio", { sequencename: "lowest" })).toBeCloseTo(0.5, 6);
  expect(value("howdah_integer_key_used_ratio", { attname: "id" })).toBeCloseTo(20_000 / 2 ** 31, 6);
  // Three rows of four are gone; without VACUUM the space is still there.
  expect(value("howdah_table_bloat_ratio", { relname: "item" })).toBeGreaterThan(0.6);
  expect(value("howdah_table_bloat_ratio", { relname: "item" })).toBeLessThan(0.85);
});

test("a relation that is locked, or waited for, does not stop the figures of tables and indexes", async () => {
  const sets = sqlSets.filter(({ name }) => ["tables", "indexes", "bloat", "sequences"].includes(name));
  const found = await during("LOCK TABLE item IN ACCESS EXCLUSIVE MODE", () => collected(postgres, sets));
  expect(found.notes).toEqual([]);
  const size = samplesOf(found.all, "pg_stat_user_tables_table_size_bytes").find(([{ relname }]) => relname === "item");
  expect(size?.[1]).toBeGreaterThan(100_000);
});

test("predicate locks take no place in the lock table", async () => {
  const serializable = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SET LOCAL enable_seqscan = off;";
  const reads = "SELECT count(name) FROM item WHERE id % 4 = 0 AND id < 5000";
  const sets = sqlSets.filter(({ name }) => name === "locks");
  const { all } = await during(`${serializable} ${reads}`, async () => {
    const [row] = await postgres.sql<{ n: number }>(
      "shop",
      "SELECT count(*)::int AS n FROM pg_locks WHERE mode = 'SIReadLock'",
    );
    expect(row?.n).toBeGreaterThan(10);
    return collected(postgres, sets);
  });
  const [used] = samplesOf(all, "howdah_lock_table_used");
  expect(used?.[1]).toBeLessThan(10);
});

test("a VACUUM that takes long holds no xmin horizon back", async () => {
  const slow = new Client({
    host: postgres.host,
    port: postgres.port,
    user: "postgres",
    database: "shop",
    application_name: "slow vacuum",
    options: "-c vacuum_cost_delay=100ms -c vacuum_cost_limit=1",
  });
  await slow.connect();
  const ended = slow.query("VACUUM item").catch(() => undefined);
  const runs = async (): Promise<true | undefined> =>
    (await postgres.sql("shop", "SELECT FROM pg_stat_progress_vacuum")).length > 0 ? true : undefined;
  await waitFor(runs, { timeout: 10_000, interval: 10 });
  for (let count = 0; count < 20; count++) await postgres.sql("shop", "SELECT txid_current()");
  const [vacuum] = await postgres.sql<{ age: number }>(
    "shop",
    "SELECT age(backend_xmin) AS age FROM pg_stat_activity WHERE application_name = 'slow vacuum'",
  );
  expect(vacuum?.age).toBeGreaterThanOrEqual(20);
  const { all } = await collected(
    postgres,
    sqlSets.filter(({ name }) => name === "xid"),
  );
  const holder = samplesOf(all, "howdah_xmin_horizon_age").find(([labels]) => labels["holder"] === "backend");
  expect(holder?.[1]).toBeLessThan(20);
  await postgres.sql("shop", "SELECT pg_cancel_backend(pid) FROM pg_stat_progress_vacuum");
  await ended;
  await slow.end();
});

test("a timeout that a login writes in an odd way hides no other login's", async () => {
  await postgres.sql("postgres", "CREATE ROLE odd LOGIN; ALTER ROLE odd SET statement_timeout = '0x3E8'");
  await postgres.sql("postgres", "CREATE ROLE usual LOGIN; ALTER ROLE usual SET statement_timeout = '5min'");
  const { all, notes } = await collected(
    postgres,
    sqlSets.filter(({ name }) => name === "roles"),
  );
  const timeouts = samplesOf(all, "howdah_role_statement_timeout_seconds").map(([{ rolname }, value]) => [
    rolname,
    value,
  ]);
  expect(notes).toEqual([]);
  expect(Object.fromEntries(timeouts)).toMatchObject({ odd: 0, usual: 300 });
});

test("an altered sequence does not stop the figures of the others", async () => {
  const sets = sqlSets.filter(({ name }) => name === "sequences");
  const { all, notes } = await during("ALTER SEQUENCE lowest INCREMENT 2", () => collected(postgres, sets));
  expect(notes).toEqual([]);
  const names = samplesOf(all, "howdah_sequence_used_ratio").map(([{ sequencename }]) => sequencename);
  expect(names).toEqual(["item_id_seq"]);
});

test("autovacuum is off in whatever words, and indexes with long expressions are compared in time", async () => {
  await postgres.sql("shop", "CREATE TABLE still (id int) WITH (autovacuum_enabled = 'OFF')");
  const long = "x".repeat(50_000);
  for (let count = 0; count < 60; count++)
    await postgres.sql("shop", `CREATE INDEX ON booking ((at::text || '${long}${count % 30}'))`);
  const { all, notes } = await collected(
    postgres,
    sqlSets.filter(({ name }) => ["tables", "indexes"].includes(name)),
  );
  expect(notes).toEqual([]);
  expect(samplesOf(all, "howdah_tables_autovacuum_disabled")[0]?.[1]).toBe(1);
  // And the two of `item`'s names.
  expect(samplesOf(all, "howdah_indexes_duplicate")[0]?.[1]).toBe(31);
  await postgres.sql("shop", "DROP TABLE still; DROP TABLE booking");
});

test("what the login may not read is a set that fails, and not one that is empty", async () => {
  const files = "pg_show_all_file_settings()";
  await postgres.sql("postgres", `REVOKE EXECUTE ON FUNCTION ${files} FROM ${login}`);
  try {
    const found = await collected(
      postgres,
      sqlSets.filter(({ name }) => name === "configuration files"),
    );
    expect(upOf(found, "configuration files")).toBe(0);
    expect(found.notes).toEqual([expect.stringContaining("permission denied")]);
  } finally {
    await postgres.sql("postgres", `GRANT EXECUTE ON FUNCTION ${files} TO ${login}`);
  }
});

test("a set that hangs fails, and the others do not wait for it", async () => {
  const query = queriesOf<"availability">();
  const hanging = defineSqlSet({
    name: "availability",
    interval: 10,
    scope: "server",
    queries: () => [query({ labels: {}, values: { pg_up: "1" }, from: "pg_sleep(3600)" })],
  });
  const others = sqlSets.filter(({ name }) => name !== "availability");
  const failed = (all: readonly Series[]): boolean => upOf({ all, notes: [] }, "availability") === 0;
  const found = await collected(postgres, [hanging, ...others], failed);
  expect(found.notes).toEqual([expect.stringContaining("statement timeout")]);
  const unhealthy = samplesOf(found.all, "howdah_collector_up").filter(([, up]) => up !== 1);
  expect(unhealthy.map(([{ set }]) => set)).toEqual(["availability"]);
});

test("a blocked session and its blocker show", async () => {
  let waiting: Promise<unknown> = Promise.resolve();
  const found = await during("LOCK TABLE item", async () => {
    waiting = postgres.sql("shop", "SET lock_timeout = '20s'; SELECT count(*) FROM item");
    const isSeen = async (): Promise<true | undefined> => {
      const rows = await postgres.sql("shop", "SELECT FROM pg_locks WHERE NOT granted");
      return rows.length > 0 ? true : undefined;
    };
    await waitFor(isSeen, { timeout: 10_000, interval: 10 });
    return collected(
      postgres,
      sqlSets.filter(({ name }) => name === "locks"),
    );
  });
  await waiting;
  const blocked = samplesOf(found.all, "howdah_blocked_sessions").find(([{ datname }]) => datname === "shop");
  expect(blocked?.[1]).toBe(1);
  expect(samplesOf(found.all, "howdah_blocking_sessions")).toEqual([
    [{ server: "node1", datname: "shop", usename: "postgres", state: "idle in transaction" }, 1],
  ]);
});

test.each([
  ["web - 10.0.0.1:45678", "web"],
  ["web - unix:1000@/run/x.sock", "web"],
  ["web - the shop", "web - the shop"],
])("the name of a client, %p, is one series however often it connects: %p", async (given, shown) => {
  const client = new Client({
    host: postgres.host,
    port: postgres.port,
    user: "postgres",
    database: "shop",
    application_name: given,
  });
  await client.connect();
  try {
    const { all } = await collected(
      postgres,
      sqlSets.filter(({ name }) => name === "sessions"),
    );
    const names = samplesOf(all, "pg_stat_activity_count").map(([labels]) => labels["application_name"]);
    expect(names.filter((name) => name?.startsWith("web") === true)).toEqual([shown]);
  } finally {
    await client.end();
  }
});
