import { setTimeout as sleep } from "node:timers/promises";

export interface Wait {
  /** Milliseconds in all. */
  readonly timeout: number;
  /** Ends it before, with an error. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks. Default 200. */
  readonly interval?: number;
}

/** Looks until `look` yields a value; undefined when the time is over. Ends at once when the user cancels. */
export async function waitFor<T>(look: () => Promise<T | undefined>, wait: Wait): Promise<T | undefined> {
  const end = Date.now() + wait.timeout;
  for (;;) {
    wait.signal?.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() >= end) return undefined;
    await sleep(wait.interval ?? 200, undefined, { signal: wait.signal });
  }
}
