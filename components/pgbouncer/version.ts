/** A version of PgBouncer, as `pgbouncer --version` says it: `PgBouncer 1.18.0`. */
const version = /^PgBouncer (\d+)\.(\d+)/;

/**
 * True if that PgBouncer knows a setting. One that it does not know would keep it from starting.
 * @param text first line of `pgbouncer --version`; undefined if the version is unknown, and then no newer setting is used
 * @param since first version with the setting, for example `[1, 24]`
 */
export function hasSetting(text: string | undefined, since: readonly [number, number]): boolean {
  const found = version.exec(text ?? "");
  if (found === null) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > since[0] || (major === since[0] && minor >= since[1]);
}

/**
 * `max_user_client_connections`: client connections of one login. A quarter of all stays for the others, so that no application
 * can shut them out.
 * @param total `max_client_conn`
 */
export const clientsPerLogin = (total: number): number => Math.max(1, Math.floor((total * 3) / 4));
