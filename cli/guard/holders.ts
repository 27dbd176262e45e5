/** Entries of the lock table that a session holds. */
export interface Holder {
  readonly pid: number;
  readonly locks: number;
}

/** A session with fewer did not fill a table that has room for thousands. */
const fewest = 100;

/** Sessions to end: the largest holders, until half of what is taken is free again. */
export function largestHolders(holders: readonly Holder[]): Holder[] {
  const total = holders.reduce((sum, { locks }) => sum + locks, 0);
  const chosen: Holder[] = [];
  let freed = 0;
  for (const holder of holders.toSorted((a, b) => b.locks - a.locks)) {
    if (holder.locks < fewest || 2 * freed >= total) break;
    chosen.push(holder);
    freed += holder.locks;
  }
  return chosen;
}

/**
 * Who a server process works for, by the title that PostgreSQL gives it: `app app 127.0.0.1(53422) idle`. Undefined for one
 * that works for no client: a checkpointer, a sender of WAL, a process of an extension.
 */
export function clientOf(title: string): string | undefined {
  const [, who] = /^postgres: (.+ (?:\[local\]|\S+\(\d+\))(?: .*)?)$/s.exec(title) ?? [];
  return who === undefined || /^(\S+: )?walsender /.test(who) ? undefined : who.replace(/^\S+: /, "");
}

/** True for the superuser's own sessions, which come over the socket alone: Patroni's, and ours. */
export const isHowdahSession = (client: string): boolean => /^postgres \S+ \[local\]/.test(client);
