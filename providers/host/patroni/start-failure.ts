import { waitFor } from "../../../lib/retry";
import type { Operation } from "./rolling-restart";

/** A member whose server Patroni keeps trying to start, without success. */
export class StartFailure extends Error {
  /** @param member its name */
  constructor(readonly member: string) {
    super(`the server of ${member} does not start`);
  }
}

/** Patroni's words for a server that did not start, or ended. */
const failed: ReadonlySet<string> = new Set(["start failed", "restart failed", "crashed"]);
const healthy: ReadonlySet<string> = new Set(["running", "streaming"]);

/** When a member counts as one that does not start. */
export interface StartPolicy {
  /** Failed looks, without one that shows it running, after which it counts as one that does not start. Default 20. */
  readonly attempts?: number;
  /** Milliseconds between two checks. Default 1000: with the default of `attempts`, several of Patroni's loops. */
  readonly pause?: number;
}

/** Members whose last start has failed, as the cluster shows them. */
export async function failedMembers({ cluster }: Pick<Operation, "cluster">): Promise<string[]> {
  const ours = cluster.members.map(({ name }) => name);
  const view = (await cluster.view().catch(() => undefined)) ?? [];
  return view.filter(({ name, state }) => ours.includes(name) && failed.has(state)).map(({ name }) => name);
}

/** Resolves with a member that does not start; never if all do. */
function firstInVain({ cluster }: Operation, signal: AbortSignal, policy: StartPolicy): Promise<string | undefined> {
  const { attempts = 20, pause = 1000 } = policy;
  const misses = new Map<string, number>();
  const look = async (): Promise<string | undefined> => {
    for (const { name, state } of (await cluster.view().catch(() => undefined)) ?? []) {
      if (healthy.has(state)) misses.delete(name);
      if (!failed.has(state) || !cluster.members.some((member) => member.name === name)) continue;
      misses.set(name, (misses.get(name) ?? 0) + 1);
      if ((misses.get(name) ?? 0) >= attempts) return name;
    }
    return undefined;
  };
  return waitFor(look, { timeout: Infinity, delay: pause, interval: pause, signal });
}

/**
 * Runs `work`, which waits for servers, and ends it as soon as one of them does not start: what waits for that server would
 * wait in vain, for minutes.
 * @throws StartFailure also if `work` fails otherwise while a server does not start, with that error as its cause
 */
export async function whileServersStart<T>(
  operation: Operation,
  work: (operation: Operation) => Promise<T>,
  policy: StartPolicy = {},
): Promise<T> {
  const ended = new AbortController();
  const signal = AbortSignal.any([operation.context.signal, ended.signal]);
  const context = { ...operation.context, signal };
  let inVain: string | undefined;
  void firstInVain(operation, signal, policy).then(
    (member) => {
      if (member === undefined) return;
      inVain = member;
      ended.abort(new StartFailure(member));
    },
    () => undefined,
  );
  try {
    return await work({ ...operation, context });
  } catch (error) {
    operation.context.signal.throwIfAborted();
    const member = inVain ?? (await failedMembers(operation))[0];
    if (member === undefined) throw error;
    throw Object.assign(new StartFailure(member), { cause: error });
  } finally {
    ended.abort();
  }
}
