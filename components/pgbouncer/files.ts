import { hostPlaceholder } from "../../contracts/read-routes";
import { hasControl } from "../../lib/text/printable";
import type { Address } from "../ports";
import { monitoringLogin, poolerLogin } from "../postgres/access/matrix";
import { tlsCiphers, toSeconds } from "../../lib/values";
import { hbaFile, type AllowedSource } from "./hba";
import { poolerProblems } from "./allowed-settings";
import type { ClientLimits } from "./client-settings";
import type { PoolerSettings } from "./schema";
import { type Pool, type PooledLogin, probeConnections } from "../capacity/connections";
import { loginLines } from "./logins";
import { isSince } from "../../lib/release";
import { inQuotes } from "../../lib/sql/quote";

/** Absolute paths on the machine that runs PgBouncer. */
export interface PoolerPaths {
  /** Folder of the Unix socket and the pid file; only the user that runs PgBouncer may enter it. */
  readonly socketDirectory: string;
  readonly certificate: string;
  readonly key: string;
  /** Authority of the servers' certificates. */
  readonly ca: string;
  /** Authority of clients' certificates, where they may have any. */
  readonly clientCa?: string;
  readonly hba: string;
  readonly userlist: string;
}

export interface PoolerInput {
  readonly listen: Address;
  readonly readWrite: Address;
  readonly readOnly: Address;
  readonly pools: readonly Pool[];
  readonly logins: readonly PooledLogin[];
  readonly settings: PoolerSettings;
  readonly limits: ClientLimits;
  readonly allow: readonly AllowedSource[];
  /** CIDRs from which the monitoring login may read the console, in addition to those of `allow`. */
  readonly statisticsFrom?: readonly string[];
  /** Databases that the availability probe enters, from the addresses of `allow`. Default: none. */
  readonly probed?: readonly Pool[];
  readonly paths: PoolerPaths;
  /** File that holds the databases of the read-only route, instead of `pgbouncer.ini`; a RELOAD reads it again. */
  readonly routesFile?: string;
  /** `max_prepared_statements`, unless `pooler.parameters` has another figure. */
  readonly preparedStatements: number;
  /** First line of `pgbouncer --version`: a setting that it does not know would keep it from starting. */
  readonly version: string;
}

export interface PoolerFiles {
  /** `pgbouncer.ini` */
  readonly ini: string;
  /** File of `auth_hba_file`. */
  readonly hba: string;
}

type Settings = Readonly<Record<string, string | number>>;

/** howdah's own choice, which `pooler.parameters` may change; PgBouncer's other defaults are left unwritten. */
const defaults: Settings = {
  application_name_add_host: 1,
  client_tls_ciphers: tlsCiphers,
  dns_max_ttl: 5,
  dns_nxdomain_ttl: 5,
  // Sent by JDBC. Others, such as options or search_path, fail loudly: ignored, they would change what a query means.
  ignore_startup_parameters: "extra_float_digits",
  log_connections: 1,
  log_disconnections: 1,
  log_pooler_errors: 1,
  log_stats: 0,
  // Also while a database is paused, PgBouncer would connect for it, and a connection that the pause ends counts as a failed login.
  min_pool_size: 0,
  reserve_pool_timeout: 3,
  server_check_delay: 10,
  // Short: while one attempt hangs on a lost node, PgBouncer starts no other for that pool.
  server_connect_timeout: 3,
  server_fast_close: 1,
  server_tls_ciphers: tlsCiphers,
  tcp_keepalive: 1,
  tcp_keepcnt: 3,
  tcp_keepidle: 15,
  tcp_keepintvl: 5,
  tcp_user_timeout: 20_000,
};

/** What the config says, in its own words or as `pooler.parameters`. None of the former is among `allowedSettings`, but the first two. */
const chosen = ({ settings, limits, preparedStatements, version }: PoolerInput): Settings => ({
  // A login waits for a server like a query does; the default of 60 would end it first when poolWait is longer.
  client_login_timeout: Math.max(60, toSeconds(settings.poolWait)),
  max_prepared_statements: preparedStatements,
  ...settings.parameters,
  idle_transaction_timeout: limits.idleTransaction,
  max_client_conn: settings.maxClientConnections,
  ...(isSince(version, [1, 24]) ? { max_user_client_connections: clientsPerLogin(settings.maxClientConnections) } : {}),
  query_timeout: limits.query,
  query_wait_timeout: toSeconds(settings.poolWait),
  server_idle_timeout: toSeconds(settings.serverIdle),
  server_lifetime: toSeconds(settings.serverLifetime),
  server_login_retry: toSeconds(settings.serverLoginRetry),
});

/**
 * `max_user_client_connections`: client connections of one login. A quarter of all stays for the others, so that no application
 * can shut them out.
 * @param total `max_client_conn`
 */
export const clientsPerLogin = (total: number): number => Math.max(1, Math.floor((total * 3) / 4));

/** What cannot be changed; none of it is among `allowedSettings`, or an override would be accepted and ignored. */
const forced = ({ listen, paths }: PoolerInput): Settings => ({
  admin_users: "",
  auth_file: paths.userlist,
  auth_hba_file: paths.hba,
  auth_query: "SELECT username, password FROM pooler.user_lookup($1)",
  auth_type: "hba",
  ...(paths.clientCa === undefined ? {} : { client_tls_ca_file: paths.clientCa }),
  client_tls_cert_file: paths.certificate,
  client_tls_key_file: paths.key,
  client_tls_protocols: "secure",
  client_tls_sslmode: "require",
  listen_addr: listen.host,
  listen_port: listen.port,
  logfile: "",
  pidfile: `${paths.socketDirectory}/pgbouncer.pid`,
  pool_mode: "transaction",
  server_check_query: "select 1",
  server_reset_query: "DISCARD ALL",
  server_tls_ca_file: paths.ca,
  server_tls_protocols: "secure",
  server_tls_sslmode: "verify-full",
  stats_users: monitoringLogin,
  unix_socket_dir: paths.socketDirectory,
  unix_socket_mode: "0700",
});

/** Refuses what could start another line of the file. */
function line(text: string): string {
  if (hasControl(text)) throw new Error(`a control character in ${JSON.stringify(text)}`);
  return text;
}

/** A value of a connection string: in single quotes, a quote doubled. */
const connectionValue = (value: string | number): string =>
  typeof value === "number" ? String(value) : inQuotes("'", value);

function databaseLine(pool: Pool, server: Address, probed: readonly Pool[] = []): string {
  const fields: Settings = {
    host: server.host,
    port: server.port,
    dbname: pool.database,
    // Here and not for all: with a global one, 1.18 looks up who opens the console in the console itself, and hangs.
    auth_user: poolerLogin,
    pool_mode: pool.mode,
    pool_size: pool.size,
    reserve_pool: pool.overflow,
    // Without one of its own the probe would wait for the applications, and their load would look like a failure.
    max_db_connections: pool.limit + (probed.includes(pool) ? probeConnections : 0),
  };
  const connection = Object.entries(fields).map(([name, value]) => `${name}=${connectionValue(value)}`);
  return line(`${pool.alias} = ${connection.join(" ")}`);
}

/**
 * With a comma at its end. In a list without one, PgBouncer up to 1.26.0 looks for an option that has no name (`-c =`) without end
 * (CVE-2026-107349).
 */
const closedList = (names: string | number | undefined): string => `${names ?? ""},`;

function iniFile(input: PoolerInput): string {
  const layers: Settings = { ...defaults, ...chosen(input), ...forced(input) };
  const merged: Settings = { ...layers, ignore_startup_parameters: closedList(layers["ignore_startup_parameters"]) };
  const own = input.pools.filter(({ route }) => input.routesFile === undefined || route === "readWrite");
  const databases = own.map((pool) => databaseLine(pool, input[pool.route], input.probed)).sort();
  if (input.routesFile !== undefined) databases.push(line(`%include ${input.routesFile}`));
  const settings = Object.keys(merged)
    .sort()
    .map((name) => line(`${name} = ${merged[name] ?? ""}`.trimEnd()));
  const users = loginLines(input).map(line);
  const section = users.length === 0 ? [] : ["[users]", ...users, ""];
  return ["[databases]", ...databases, "", ...section, "[pgbouncer]", ...settings, ""].join("\n");
}

/** A database of the read-only route whose server is filled in later. */
export interface RouteLine {
  readonly alias: string;
  /** Its line of `[databases]`, with `hostPlaceholder` for the server. */
  readonly template: string;
}

/** The lines for `routesFile`. @param probed databases that the availability probe enters */
export const routeLines = (pools: readonly Pool[], port: number, probed: readonly Pool[] = []): RouteLine[] =>
  pools
    .filter(({ route }) => route === "readOnly")
    .map((pool) => ({ alias: pool.alias, template: databaseLine(pool, { host: hostPlaceholder, port }, probed) }))
    .sort((a, b) => (a.alias < b.alias ? -1 : 1));

const userLine = (login: string, secret: string): string => line(`${inQuotes('"', login)} ${inQuotes('"', secret)}`);

/**
 * File of `auth_file`; holds a secret, mode 0600.
 *
 * @param password of `howdah_pooler`, in clear: PgBouncer logs in with it
 * @param others SCRAM verifiers by login, for logins that open the console and so are not looked up in a database
 * @throws if a value would break out of its line
 */
export const userlistFile = (password: string, others: Readonly<Record<string, string>> = {}): string =>
  Object.entries({ ...others, [poolerLogin]: password })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([login, secret]) => `${userLine(login, secret)}\n`)
    .join("");

/**
 * The files of one PgBouncer but the list of users, in three layers: defaults < chosen < forced; the same input gives the same text.
 *
 * @throws if an override is not allowed (config refuses it first), if a value would break out of its line, or if a login's own pool
 *   mode needs a newer PgBouncer
 */
export function pgbouncerFiles(input: PoolerInput): PoolerFiles {
  const problems = poolerProblems(input.settings);
  if (problems.length > 0)
    throw new Error(problems.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
  return {
    ini: iniFile(input),
    hba: hbaFile(
      input.allow,
      input.statisticsFrom,
      input.probed?.map(({ alias }) => alias),
    ),
  };
}

/**
 * What PgBouncer's log says of its files (its sources: `load_config`, `hba.c`, `load_auth_file`). It skips a line that it cannot
 * read, or keeps what it had, and goes on. Lines about a client or server begin with its name, and are no matter here.
 */
export const poolerReader = {
  begins: "LOG (got SIGHUP, re-reading config|RELOAD command issued|process up: )",
  refuses: "(WARNING|ERROR) (?![CS]-0x).*(hba|auth file|auth_file|config|parameter|does not match mask|user list)",
} as const;
