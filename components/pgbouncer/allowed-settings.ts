import { nearest, type Problem } from "../../lib/values";
import type { PoolerSettings } from "./schema";

/** What a setting accepts: figures with both ends inclusive, or texts. */
export type SettingSpec =
  | { readonly kind: "seconds" | "count"; readonly min: number; readonly max: number }
  | { readonly kind: "text"; readonly pattern: RegExp; readonly allowed: string };

const seconds = (min: number, max: number): SettingSpec => ({ kind: "seconds", min, max });
const count = (min: number, max: number): SettingSpec => ({ kind: "count", min, max });
const flag = count(0, 1);

const names: SettingSpec = {
  kind: "text",
  pattern: /^[a-z_]+(,[a-z_]+)*$/,
  allowed: "comma-separated names",
};

/**
 * Suites of TLS 1.2 that encrypt and authenticate in one step, with forward secrecy; TLS 1.3 has no others. By name, and not whatever
 * OpenSSL reads: `ALL`, `NULL`, `eNULL`, `aNULL` and `COMPLEMENTOFDEFAULT` are words of its language, too.
 */
const suites = [
  "ECDHE+AESGCM",
  "ECDHE+CHACHA20",
  ...["ECDSA", "RSA"].flatMap((key) =>
    ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"].map((cipher) => `ECDHE-${key}-${cipher}`),
  ),
];
const suite = `(${suites.map((name) => name.replace("+", "\\+")).join("|")})`;
const ciphers: SettingSpec = {
  kind: "text",
  pattern: new RegExp(`^${suite}(:${suite})*$`),
  allowed: `one or more of ${suites.join(", ")}, separated by colons`,
};

const hour = 3600;
const day = 24 * hour;

/**
 * Settings that `pooler.parameters` may override, each of which a reload brings into force. The figures end where PgBouncer or the
 * kernel would refuse them, or where 0 would take a protection away.
 */
export const allowedSettings: Readonly<Record<string, SettingSpec>> = {
  application_name_add_host: flag,
  client_idle_timeout: seconds(0, 7 * day),
  client_login_timeout: seconds(1, hour),
  client_tls_ciphers: ciphers,
  dns_max_ttl: seconds(0, day),
  dns_nxdomain_ttl: seconds(0, day),
  ignore_startup_parameters: names,
  log_connections: flag,
  log_disconnections: flag,
  log_stats: flag,
  max_prepared_statements: count(0, 10_000),
  min_pool_size: count(0, 1000),
  reserve_pool_timeout: seconds(0, hour),
  sbuf_loopcnt: count(0, 1000),
  server_check_delay: seconds(0, hour),
  server_connect_timeout: seconds(0.1, hour),
  server_fast_close: flag,
  server_round_robin: flag,
  server_tls_ciphers: ciphers,
  stats_period: count(1, day),
  // Linux takes no more: see tcp(7) and net/ipv4/tcp.c.
  tcp_keepcnt: count(1, 127),
  tcp_keepidle: count(1, 32_767),
  tcp_keepintvl: count(1, 32_767),
  tcp_user_timeout: count(0, hour * 1000),
  verbose: count(0, 5),
};

const files = "the platform sets it";
const safety = "without it, the pooler would be open to all";
const sizes = "the connection budget is computed from the applications' pool and overflow";
const restart = "PgBouncer only reads it at startup, and a restart would close all client connections";
const own = (section: string): string => `howdah:${section} determines it`;

/** Settings that other parts of the program own, with the reason. */
export const ownedSettings: Readonly<Record<string, string>> = {
  admin_users: safety,
  auth_file: files,
  auth_hba_file: files,
  auth_query: safety,
  auth_type: safety,
  auth_user: safety,
  client_tls_ca_file: files,
  client_tls_cert_file: files,
  client_tls_key_file: files,
  client_tls_protocols: safety,
  client_tls_sslmode: safety,
  default_pool_size: sizes,
  idle_transaction_timeout: "it is computed from the largest idleInTransactionTimeout of the applications",
  listen_addr: files,
  listen_backlog: restart,
  listen_port: files,
  logfile: files,
  max_client_conn: own("pooler.maxClientConnections"),
  max_db_connections: sizes,
  max_user_connections: sizes,
  pidfile: files,
  pkt_buf: restart,
  pool_mode: own("databases.<name>.poolMode"),
  query_timeout: "it is computed from the largest statementTimeout of the applications",
  query_wait_timeout: own("pooler.poolWait"),
  reserve_pool_size: sizes,
  server_check_query: "server connections are checked and reset in one way",
  server_idle_timeout: own("pooler.serverIdle"),
  server_lifetime: own("pooler.serverLifetime"),
  server_login_retry: own("pooler.serverLoginRetry"),
  server_reset_query: "server connections are checked and reset in one way",
  server_tls_ca_file: files,
  server_tls_protocols: safety,
  server_tls_sslmode: safety,
  stats_users: safety,
  unix_socket_dir: files,
  unix_socket_mode: safety,
};

/** Names come from a user: `constructor` is none of the table's. */
const of = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const patterns = { seconds: /^\d{1,9}(\.\d{1,6})?$/, count: /^\d{1,9}$/ } as const;

function accepts(spec: SettingSpec, text: string): boolean {
  if (spec.kind === "text") return spec.pattern.test(text);
  return patterns[spec.kind].test(text) && Number(text) >= spec.min && Number(text) <= spec.max;
}

function allowedText(spec: SettingSpec): string {
  if (spec.kind === "text") return spec.allowed;
  return `${spec.kind === "seconds" ? "seconds, such as 30 or 0.5," : "a whole number"} from ${spec.min} to ${spec.max}`;
}

function unknownMessage(name: string): string {
  const reason = of(ownedSettings, name);
  if (reason !== undefined) return `this setting cannot be overridden: ${reason}`;
  const guess = nearest(name, Object.keys(allowedSettings));
  const hint =
    guess === undefined ? `allowed are ${Object.keys(allowedSettings).join(", ")}` : `did you mean ${guess}?`;
  return `this setting cannot be overridden; ${hint}`;
}

function problemOf(name: string, value: string | number): string | undefined {
  const spec = of(allowedSettings, name);
  if (spec === undefined) return unknownMessage(name);
  return accepts(spec, String(value)) ? undefined : `${JSON.stringify(value)} is not allowed: ${allowedText(spec)}`;
}

/** Every override of `pooler.parameters` that is unknown, owned by another part of the program, or has a value that would not do. */
export const poolerProblems = (settings: Pick<PoolerSettings, "parameters">): Problem[] =>
  Object.entries(settings.parameters).flatMap(([name, value]) => {
    const message = problemOf(name, value);
    return message === undefined ? [] : [{ path: ["pooler", "parameters", name], message }];
  });
