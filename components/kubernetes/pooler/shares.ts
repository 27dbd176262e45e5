import type { Pool } from "../../capacity/connections";

/** One for the lookup of passwords and one for a client: with less, no client of a pooler can log in. */
export const smallestLimit = 2;

/**
 * What one pod may hold of a pool, so that all pods together stay within the budget. A StatefulSet never runs a pod next to its
 * replacement, so `poolers.max` bounds the pods that are alive, those that drain included.
 *
 * @param pods the most pods there can be
 */
export function podShare(pool: Pool, pods: number): Pool {
  const each = Math.floor((pool.size + pool.overflow) / pods);
  const size = Math.min(Math.max(1, Math.floor(pool.size / pods)), each);
  return { ...pool, size, overflow: each - size, limit: Math.floor(pool.limit / pods) };
}

/** The most pods among which a pool can be shared out with something for each. */
export const mostPods = (pool: Pool): number =>
  Math.min(pool.size + pool.overflow, Math.floor(pool.limit / smallestLimit));
