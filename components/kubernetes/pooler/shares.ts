import type { Pool, PooledLogin, UserShare } from "../../capacity/connections";

/** One for the lookup of passwords and one for a client: with less, no client of a pooler can log in. */
export const smallestLimit = 2;

function shareOf({ size, overflow }: UserShare, pods: number): UserShare {
  const each = Math.floor((size + overflow) / pods);
  const own = Math.min(Math.max(1, Math.floor(size / pods)), each);
  return { size: own, overflow: each - own };
}

/**
 * What one pod may hold of a pool, so that all pods together stay within the budget. A StatefulSet never runs a pod next to its
 * replacement, so `poolers.max` bounds the pods that are alive, those that drain included.
 *
 * @param pods the most pods there can be
 */
export const podShare = (pool: Pool, pods: number): Pool => ({
  ...pool,
  ...shareOf(pool, pods),
  limit: Math.floor(pool.limit / pods),
});

/** What one pod may hold for a login. */
export const loginShare = (login: PooledLogin, pods: number): PooledLogin =>
  login.share === undefined ? login : { ...login, share: shareOf(login.share, pods) };

/** The most pods among which a pool can be shared out with something for each. */
export const mostPods = (pool: Pool): number =>
  Math.min(pool.size + pool.overflow, Math.floor(pool.limit / smallestLimit));

/** The most pods of which each can hold a connection for a login: as many as it has connections of its own. */
export const mostPodsOf = ({ share }: PooledLogin): number =>
  share === undefined ? Number.POSITIVE_INFINITY : share.size + share.overflow;
