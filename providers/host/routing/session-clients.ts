import { waitFor } from "../../../lib/retry";
import { commandAsService, type Console, parseTable } from "../../../lib/servers/pgbouncer-console";
import { second } from "../../../lib/units";

/** Milliseconds that a pause waits for clients in session mode to leave by themselves. */
export const usualGrace = 5 * second;

const rows = async (pooler: Console, what: string): Promise<Record<string, string>[]> =>
  parseTable(await commandAsService(pooler, `\\t off\nSHOW ${what};`));

/** Ids of clients in session mode that hold a server connection; none if PgBouncer is older than 1.24, which names none. */
async function holders(pooler: Console, databases: readonly string[]): Promise<string[]> {
  const key = ({ database, user }: Record<string, string>): string => JSON.stringify([database, user]);
  const pools = (await rows(pooler, "POOLS")).filter(({ pool_mode }) => pool_mode === "session");
  const held = new Set(pools.filter(({ database = "" }) => databases.includes(database)).map(key));
  const clients = (await rows(pooler, "CLIENTS")).filter((client) => held.has(key(client)) && client["link"] !== "");
  return clients.map(({ id = "" }) => id).filter((id) => /^\d+$/.test(id));
}

/**
 * Runs `pause`, and after the grace ends the sessions of clients in session mode: PgBouncer waits for each of them to leave, so that
 * one with LISTEN would hold the pause, and all other clients, forever. What a switchover does to the server ends them in any case.
 * @param names databases of the pooler that are paused
 */
export async function withoutSessions(
  pooler: Console & { readonly sessionGrace?: number },
  names: readonly string[],
  pause: () => Promise<unknown>,
): Promise<void> {
  const over = new AbortController();
  const kill = async (): Promise<undefined> => {
    for (const id of await holders(pooler, names)) {
      // It may have left meanwhile.
      await commandAsService(pooler, `KILL_CLIENT ${id};`).catch(() => undefined);
    }
  };
  const timeout = { timeout: Infinity, delay: pooler.sessionGrace ?? usualGrace, interval: 500, signal: over.signal };
  // If the console does not answer, the pause reports it.
  const killing = waitFor(() => kill().catch(() => undefined), timeout).catch(() => undefined);
  try {
    await pause();
  } finally {
    over.abort();
    await killing;
  }
}
