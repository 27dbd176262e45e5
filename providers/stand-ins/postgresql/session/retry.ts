import { doubling, type RetryPolicy } from "../../../../lib/retry";
import { isConflict, isPassing } from "./errors";

/** How long to go on trying. */
export interface Limits extends Pick<RetryPolicy, "onRetry" | "signal"> {
  /** Milliseconds for a server that is away; Infinity: forever. */
  readonly away: number;
  /** Tries of work that met another session's. */
  readonly conflicts: number;
}

const delays = doubling(50, 2000);

/** For work that may be repeated as a whole, while its errors are of the passing kind. Good for one `retry`: it counts the conflicts. */
export function repeating({ away, conflicts, onRetry, signal }: Limits): RetryPolicy {
  const end = Date.now() + away;
  let tries = 1;
  return {
    isPassing: (error) => (isConflict(error) ? tries++ < conflicts : isPassing(error) && Date.now() < end),
    // Half of it random, so that sessions that met do not meet again.
    pause: (failed) => delays(failed) * (0.5 + Math.random() / 2),
    ...(onRetry === undefined ? {} : { onRetry }),
    signal,
  };
}
