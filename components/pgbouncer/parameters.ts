import { nearest, type Problem } from "../values";
import type { PoolerSettings } from "./schema";

/** What a value of an allowed setting has to look like, by kind. */
const kinds = {
  seconds: { pattern: /^\d+(\.\d+)?$/, allowed: "seconds, such as 30 or 0.5" },
  count: { pattern: /^\d+$/, allowed: "a whole number, 0 or more" },
  flag: { pattern: /^[01]$/, allowed: "0 or 1" },
  names: { pattern: /^[a-z_]+(,[a-z_]+)*$/, allowed: "names with commas between them" },
  ciphers: { pattern: /^[A-Za-z0-9:+!@_-]+$/, allowed: "OpenSSL cipher names with colons between them" },
} as const;

/**
 * Settings that `pooler.parameters` may override. Addresses, files, authentication, TLS modes and pool sizes are not among
 * them: the first four would open the pooler, the last would break the connection budget.
 */
export const allowedSettings: Readonly<Record<string, keyof typeof kinds>> = {
  application_name_add_host: "flag",
  client_idle_timeout: "seconds",
  client_login_timeout: "seconds",
  client_tls_ciphers: "ciphers",
  dns_max_ttl: "seconds",
  dns_nxdomain_ttl: "seconds",
  idle_transaction_timeout: "seconds",
  ignore_startup_parameters: "names",
  listen_backlog: "count",
  log_connections: "flag",
  log_disconnections: "flag",
  log_stats: "flag",
  min_pool_size: "count",
  pkt_buf: "count",
  query_timeout: "seconds",
  reserve_pool_timeout: "seconds",
  sbuf_loopcnt: "count",
  server_check_delay: "seconds",
  server_connect_timeout: "seconds",
  server_fast_close: "flag",
  server_round_robin: "flag",
  server_tls_ciphers: "ciphers",
  stats_period: "count",
  tcp_keepcnt: "count",
  tcp_keepidle: "count",
  tcp_keepintvl: "count",
  tcp_user_timeout: "count",
  verbose: "count",
};

function problemOf(name: string, value: string | number): string | undefined {
  const kind = Object.hasOwn(allowedSettings, name) ? allowedSettings[name] : undefined;
  if (kind !== undefined) {
    const { pattern, allowed } = kinds[kind];
    return pattern.test(String(value)) ? undefined : `${JSON.stringify(value)} is not allowed: ${allowed}`;
  }
  const names = Object.keys(allowedSettings);
  const guess = nearest(name, names);
  const hint = guess === undefined ? `allowed are ${names.join(", ")}` : `did you mean ${guess}?`;
  return `this setting cannot be overridden; ${hint}`;
}

/** Every override of `pooler.parameters` that is unknown, forced, or has a value that PgBouncer would not take. */
export const poolerProblems = (settings: Pick<PoolerSettings, "parameters">): Problem[] =>
  Object.entries(settings.parameters).flatMap(([name, value]) => {
    const message = problemOf(name, value);
    return message === undefined ? [] : [{ path: ["pooler", "parameters", name], message }];
  });
