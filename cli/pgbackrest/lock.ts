import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../kit/answer";
import { isLockHeld } from "./command";

const pauseSeconds = 5;
/** How long another backup is waited for. */
export const lockPatienceSeconds = 3600;

/**
 * Runs `work`, a command of pgBackRest that needs the stanza for itself, until no other one has it.
 * @throws what `work` throws; the error of the lock once an hour has passed
 */
export async function onceFree<T>(work: () => Promise<T>, { progress, signal }: Context): Promise<T> {
  const end = Date.now() + lockPatienceSeconds * 1000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isLockHeld(error) || Date.now() > end) throw error;
    }
    progress("waiting for another backup to end");
    await sleep(pauseSeconds * 1000, undefined, { signal });
  }
}
