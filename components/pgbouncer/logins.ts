import { isSince, type Release } from "../../lib/release";
import { Failure } from "../../lib/errors";
import type { Pool, PooledLogin } from "../capacity/connections";

/** The first release whose `[users]` has everything that the lines below need, and leaves passwords to `auth_query`. */
const firstWithLogins: Release = [1, 24];

export interface LoginsInput {
  readonly pools: readonly Pool[];
  readonly logins: readonly PooledLogin[];
  /** First line of `pgbouncer --version`. */
  readonly version: string;
}

const lineOf = ({ login, mode, share }: PooledLogin): string => {
  const sizes = share === undefined ? "" : ` pool_size=${share.size} reserve_pool_size=${share.overflow}`;
  return `${login} = pool_mode=${mode}${sizes}`;
};

/**
 * Lines of `[users]`: one for every login, because PgBouncer forgets nothing that has left this section until it restarts. They have
 * no passwords: PgBouncer looks those up as for any other login.
 * @returns none for a PgBouncer before 1.24
 * @throws Failure if that one would need them
 */
export function loginLines({ pools, logins, version }: LoginsInput): string[] {
  if (isSince(version, firstWithLogins)) return logins.map(lineOf).sort();
  const modes = new Map(pools.map(({ database, mode }) => [database, mode]));
  const other = logins.find(({ database, mode }) => modes.get(database) !== mode);
  if (other === undefined) return [];
  throw new Failure(
    `databases.${other.database}.applications: the pool mode ${other.mode} of ${other.login} differs from its database's, ` +
      `which takes PgBouncer ${firstWithLogins.join(".")} or newer; this one is ${JSON.stringify(version)}. ` +
      "Install a newer one, or set the database's poolMode",
  );
}
