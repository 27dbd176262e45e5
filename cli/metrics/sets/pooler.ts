import { command, type Console, consoleName, type StatisticsConsole } from "../../../lib/servers/pgbouncer-console";
import type { Labels, SeriesOf } from "../series";
import { defineStackSet } from "../stack-set";

type Row = Readonly<Record<string, unknown>>;

const text = (row: Row, column: string): string => {
  const value = row[column];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};
/** Undefined for a column that this PgBouncer does not have. */
const figure = (row: Row, column: string): number | undefined => {
  const value = text(row, column);
  return value === "" || !Number.isFinite(Number(value)) ? undefined : Number(value);
};

/** Values of a column, by the labels of its rows. @param factor to the metric's unit */
const column =
  <L>(rows: readonly Row[], labels: (row: Row) => L) =>
  (names: string | readonly string[], factor = 1): readonly (readonly [L, number])[] =>
    rows.flatMap((row) => {
      const value = [names].flat().map((name) => figure(row, name)).find((one) => one !== undefined); // prettier-ignore
      return value === undefined ? [] : [[labels(row), value * factor] as const];
    });

const microseconds = 1e-6;

function poolSeries(pools: readonly Row[], databases: readonly Row[]): SeriesOf<"pooler"> {
  const of = column(pools, (row) => ({ database: text(row, "database"), user: text(row, "user") }));
  const limits = new Map(
    databases.map((row) => [
      text(row, "name"),
      (figure(row, "pool_size") ?? 0) + (figure(row, "reserve_pool_size") ?? figure(row, "reserve_pool") ?? 0),
    ]),
  );
  return {
    pgbouncer_pools_client_active_connections: of("cl_active"),
    pgbouncer_pools_client_waiting_connections: of("cl_waiting"),
    pgbouncer_pools_client_active_cancel_connections: of("cl_active_cancel_req"),
    pgbouncer_pools_client_waiting_cancel_connections: of("cl_waiting_cancel_req"),
    pgbouncer_pools_server_active_connections: of("sv_active"),
    pgbouncer_pools_server_active_cancel_connections: of("sv_active_cancel"),
    pgbouncer_pools_server_being_canceled_connections: of("sv_being_canceled"),
    pgbouncer_pools_server_idle_connections: of("sv_idle"),
    pgbouncer_pools_server_used_connections: of("sv_used"),
    pgbouncer_pools_server_testing_connections: of("sv_tested"),
    pgbouncer_pools_server_login_connections: of("sv_login"),
    pgbouncer_pools_client_maxwait_seconds: of("maxwait").map(([labels, whole], at) => [
      labels,
      whole + (figure(pools[at] ?? {}, "maxwait_us") ?? 0) * microseconds,
    ]),
    howdah_pool_limit: pools.flatMap((row) => {
      const limit = limits.get(text(row, "database"));
      return limit === undefined ? [] : [[{ database: text(row, "database"), user: text(row, "user") }, limit]];
    }),
  };
}

function databaseSeries(rows: readonly Row[]): SeriesOf<"pooler"> {
  const of = column(rows, (row): Labels<"pgbouncer_databases_pool_size"> => ({
    name: text(row, "name"),
    host: text(row, "host"),
    port: text(row, "port"),
    database: text(row, "database"),
    force_user: text(row, "force_user"),
    pool_mode: text(row, "pool_mode"),
  }));
  return {
    pgbouncer_databases_pool_size: of("pool_size"),
    pgbouncer_databases_reserve_pool: of(["reserve_pool_size", "reserve_pool"]),
    pgbouncer_databases_max_connections: of("max_connections"),
    pgbouncer_databases_current_connections: of("current_connections"),
    pgbouncer_databases_paused: of("paused"),
    pgbouncer_databases_disabled: of("disabled"),
  };
}

function totalSeries(rows: readonly Row[]): SeriesOf<"pooler"> {
  const of = column(rows, (row) => ({ database: text(row, "database") }));
  return {
    pgbouncer_stats_queries_pooled_total: of("query_count"),
    pgbouncer_stats_queries_duration_seconds_total: of("query_time", microseconds),
    pgbouncer_stats_received_bytes_total: of("bytes_received"),
    pgbouncer_stats_sent_bytes_total: of("bytes_sent"),
    pgbouncer_stats_client_wait_seconds_total: of("wait_time", microseconds),
    pgbouncer_stats_sql_transactions_pooled_total: of("xact_count"),
    pgbouncer_stats_server_in_transaction_seconds_total: of("xact_time", microseconds),
    pgbouncer_stats_server_assignments_total: of("server_assignment_count"),
    pgbouncer_stats_client_parses_total: of("client_parse_count"),
    pgbouncer_stats_server_parses_total: of("server_parse_count"),
    pgbouncer_stats_binds_total: of("bind_count"),
  };
}

/** Rows of a name and a figure each. */
function namedSeries(lists: readonly Row[], config: readonly Row[], version: string): SeriesOf<"pooler"> {
  const of = (rows: readonly Row[], names: readonly [key: string, value: string], wanted: string) =>
    column(rows.filter((row) => text(row, names[0]) === wanted), () => ({}))(names[1]); // prettier-ignore
  const list = (wanted: string) => of(lists, ["list", "items"], wanted);
  const setting = (wanted: string) => of(config, ["key", "value"], wanted);
  return {
    pgbouncer_databases: list("databases"),
    pgbouncer_users: list("users"),
    pgbouncer_pools: list("pools"),
    pgbouncer_free_clients: list("free_clients"),
    pgbouncer_used_clients: list("used_clients"),
    pgbouncer_login_clients: list("login_clients"),
    pgbouncer_free_servers: list("free_servers"),
    pgbouncer_used_servers: list("used_servers"),
    pgbouncer_config_max_client_connections: setting("max_client_conn"),
    pgbouncer_config_max_user_connections: setting("max_user_connections"),
    pgbouncer_version_info: version === "" ? [] : [[{ version }, 1]],
  };
}

/** Asks a PgBouncer's console, one command after the other. Rejects if it does not answer. */
export async function poolerSeries(console: Console | StatisticsConsole): Promise<SeriesOf<"pooler">> {
  const ask = (what: string): Promise<Row[]> => command(console, `SHOW ${what}`);
  const isApplications = (row: Row): boolean => text(row, "database") !== consoleName;
  const pools = (await ask("POOLS")).filter(isApplications);
  const databases = (await ask("DATABASES")).filter((row) => text(row, "name") !== consoleName);
  const totals = (await ask("STATS_TOTALS")).filter(isApplications);
  const lists = await ask("LISTS");
  const config = await ask("CONFIG");
  const [version = {}] = await ask("VERSION");
  return {
    pgbouncer_up: [[{}, 1]],
    ...poolSeries(pools, databases),
    ...databaseSeries(databases),
    ...totalSeries(totals),
    ...namedSeries(lists, config, text(version, "version").replace(/^PgBouncer /i, "")),
  };
}

export const pooler = defineStackSet({
  name: "pooler",
  interval: 10,
  failed: { pgbouncer_up: [[{}, 0]] },
  start: (console: Console | StatisticsConsole) => () => poolerSeries(console),
});
