import { messageOf } from "../../lib/errors";
import { waitFor } from "../../lib/retry";
import type { Context } from "../kit/answer";
import { clientsOf, type Console } from "../../lib/servers/pgbouncer-console";

export interface DrainLimits {
  /** Milliseconds after which clients are no longer waited for. */
  readonly grace: number;
  /** Milliseconds without a client before there will be none: a service may send new ones for a while. */
  readonly settle: number;
  /** Milliseconds between two looks. Default 500, or `settle` if that is less. */
  readonly pause?: number;
}

/** How a wait ended. */
export interface Drained {
  readonly outcome: "empty" | "grace over" | "no pooler";
  /** Clients in the end. */
  readonly clients: number;
  readonly seconds: number;
}

/**
 * Waits until PgBouncer has had no client for a while. It ends nothing itself: on SIGINT, PgBouncer then lets each transaction end;
 * SIGQUIT would cut them, and SIGTERM does so up to 1.22 and waits for the last client from 1.23 on. Ends early if no PgBouncer
 * answers, twice.
 */
export async function drain(console: Console, limits: DrainLimits, context: Context): Promise<Drained> {
  const { grace, settle, pause = Math.min(500, settle) } = limits;
  const began = performance.now();
  let emptySince: number | undefined;
  let clients = 0;
  let silent = 0;
  const ended = (outcome: Drained["outcome"]): Drained => ({
    outcome,
    clients,
    seconds: Math.round((performance.now() - began) / 100) / 10,
  });
  const look = async (): Promise<Drained | undefined> => {
    try {
      clients = await clientsOf(console);
      silent = 0;
      context.progress(`${clients} clients are left`);
    } catch (error) {
      context.note(`PgBouncer does not answer: ${messageOf(error)}`);
      if (++silent >= 2) return ended("no pooler");
    }
    const now = performance.now();
    emptySince = clients > 0 || silent > 0 ? undefined : (emptySince ?? now);
    return emptySince !== undefined && now - emptySince >= settle ? ended("empty") : undefined;
  };
  return (await waitFor(look, { timeout: grace, interval: pause, signal: context.signal })) ?? ended("grace over");
}
