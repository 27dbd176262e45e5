import { setTimeout as sleep } from "node:timers/promises";

/** How long something is waited for. */
export interface Timeout {
  /** Milliseconds in all. `Infinity`: forever. */
  readonly timeout: number;
  /** Ends it before, with an error. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between two probes, or what gives them after so many. Default 200. */
  readonly interval?: number | ((probes: number) => number);
  /** Milliseconds before the first probe. Default: none. */
  readonly delay?: number;
}

/** Pauses that double with each time, from `first` up to `longest` milliseconds. */
export const doubling =
  (first: number, longest = Infinity) =>
  (times: number): number =>
    Math.min(longest, first * 2 ** (times - 1));

const pauseOf = (pause: number | ((times: number) => number), times: number): number =>
  typeof pause === "number" ? pause : pause(times);

/** Probes until there is a value, once at least; undefined when the time is over. Ends at once when the user cancels. */
export async function waitFor<T>(
  probe: () => Promise<T | undefined>,
  { timeout, signal, interval = 200, delay }: Timeout,
): Promise<T | undefined> {
  const end = Date.now() + timeout;
  if (delay !== undefined) await sleep(delay, undefined, { signal });
  for (let probes = 1; ; probes++) {
    signal?.throwIfAborted();
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() >= end) return undefined;
    await sleep(pauseOf(interval, probes), undefined, { signal });
  }
}

/** Waits until `holds` does. @throws Error with the complaint when the time is over */
export async function until(
  holds: () => Promise<boolean>,
  { complaint, ...timeout }: Timeout & { readonly complaint: string },
): Promise<void> {
  const held = await waitFor(async () => ((await holds()) ? true : undefined), timeout);
  if (held === undefined) throw new Error(complaint);
}

/** How often something is tried, and whether an error is worth another try. */
export interface RetryPolicy {
  /** Tries in all. Default: no limit. */
  readonly tries?: number;
  /** Milliseconds after which no try begins. Default: no limit. */
  readonly timeout?: number;
  /** Milliseconds before the next try, or what gives them after so many. Default: none. */
  readonly pause?: number | ((tries: number) => number);
  /** Default: every error is. */
  readonly isPassing?: (error: unknown) => boolean;
  /** Called before each new try. @param tries that have failed */
  readonly onRetry?: (error: unknown, tries: number) => void;
  /** Ends the pause, with an error; no try begins afterwards. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `body` until it succeeds.
 * @throws what the last try has thrown
 */
export async function retry<T>(policy: RetryPolicy, body: () => Promise<T>): Promise<T> {
  const { tries = Infinity, timeout = Infinity, pause = 0, isPassing = () => true, onRetry, signal } = policy;
  const end = Date.now() + timeout;
  for (let done = 1; ; done++) {
    try {
      return await body();
    } catch (error) {
      const last = done >= tries || Date.now() > end || signal?.aborted === true;
      if (last || !isPassing(error)) throw error;
      onRetry?.(error, done);
    }
    await sleep(pauseOf(pause, done), undefined, { signal });
  }
}

/**
 * Runs `round` again and again until the signal, which ends a pause, and no round.
 * @param round returns the milliseconds until the next one
 */
export async function repeat(round: () => Promise<number>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await sleep(await round(), undefined, { signal }).catch(() => undefined);
}

/** What is waited for did not end in time. */
export class Late extends Error {}

/**
 * The same work with an end; the work itself goes on.
 * @param milliseconds that it may take
 * @throws Late after them
 */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const end = sleep(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Late(`no answer in ${milliseconds / 1000} s`);
  });
  // If the work ends first, nothing waits for this any more.
  end.catch(() => undefined);
  try {
    return await Promise.race([work, end]);
  } finally {
    timer.abort();
  }
}
