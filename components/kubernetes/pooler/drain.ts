import { recycleSeconds } from "../../pgbouncer/client-settings";
import type { PlatformInput } from "../../ports";

/** Time limits of a PgBouncer pod that is about to stop, in whole seconds. */
export interface Drain {
  /** Until its clients have left by themselves. */
  readonly graceSeconds: number;
  /** Without a client, before there will be none: endpoints' changes take a while to reach every node. */
  readonly settleSeconds: number;
  /** Until Kubernetes ends it by force. */
  readonly terminationSeconds: number;
}

/** Removal from the service's endpoints, and clients that are a little late. */
const margin = 60;
const settleSeconds = 15;
/** From the end of the last transaction to the end of the process. */
const exit = 30;

/**
 * PgBouncer 1.18 cannot hand a client to another process, nor tell it to leave: whatever ends PgBouncer closes connections,
 * and a client sees an error on its next query. What can be promised: a pod that has to go gets no new clients and serves
 * those it has. A client that closes its connections at the age of `recycle` (the stack's output has it) has left before the
 * grace is over, and fails no transaction. After the grace PgBouncer pauses: it waits for the transactions under way, for as
 * long as a statement may take, and closes the rest between two transactions.
 */
export function drainOf({ pooler, limits }: Pick<PlatformInput, "pooler" | "limits">): Drain {
  const graceSeconds = recycleSeconds(pooler) + margin;
  return { graceSeconds, settleSeconds, terminationSeconds: graceSeconds + limits.query + exit };
}
