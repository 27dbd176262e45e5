import { setTimeout as sleep } from "node:timers/promises";

/** How often something is tried, and whether an error is worth another try. */
export interface Patience {
  readonly tries: number;
  /** Milliseconds before the second try; doubled before each further one. */
  readonly firstPause: number;
  /** Default: every error is. */
  readonly isPassing?: (error: unknown) => boolean;
}

/**
 * Runs `body` until it succeeds.
 * @throws what the last try has thrown
 */
export async function again<T>(patience: Patience, body: () => Promise<T>): Promise<T> {
  const { tries, firstPause, isPassing = () => true } = patience;
  for (let done = 1; ; done++) {
    try {
      return await body();
    } catch (error) {
      if (done >= tries || !isPassing(error)) throw error;
      await sleep(firstPause * 2 ** (done - 1));
    }
  }
}
