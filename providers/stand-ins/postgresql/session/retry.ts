import { setTimeout as pause } from "node:timers/promises";
import { isConflict, isPassing } from "./errors";

/** How long to go on trying. */
export interface Patience {
  /** Milliseconds for a server that is away; Infinity: for ever. */
  readonly away: number;
  /** Tries of work that met another session's. */
  readonly conflicts: number;
  /** Ends the waiting when the user cancels. */
  readonly signal: AbortSignal;
  /** Told before each new try. */
  readonly onRetry?: (error: unknown) => void;
}

const FIRST_DELAY = 50;
const LONGEST_DELAY = 2000;

/** Doubles from 50 ms to 2 s, with half of it random, so that sessions that met do not meet again. */
const delayOf = (attempt: number): number =>
  Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt) * (0.5 + Math.random() / 2);

/** Repeats `work` while its errors are of the passing kind. `work` has to be repeatable as a whole. */
export async function retrying<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  const end = Date.now() + patience.away;
  for (let attempt = 0, conflicts = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const again = isConflict(error) ? conflicts++ < patience.conflicts : isPassing(error) && Date.now() < end;
      if (!again || patience.signal.aborted) throw error;
      patience.onRetry?.(error);
    }
    await pause(delayOf(attempt), undefined, { signal: patience.signal });
  }
}
