import { retry } from "../../lib/retry";
import type { Context } from "../kit/answer";
import { isLockHeld } from "./command";

const pauseSeconds = 5;
/** How long another backup is waited for. */
export const lockTimeoutSeconds = 3600;

/**
 * Runs `work`, a command of pgBackRest that needs the stanza for itself, until no other one has it.
 * @throws what `work` throws; the error of the lock once an hour has passed
 */
export function onceFree<T>(work: () => Promise<T>, { progress, signal }: Context): Promise<T> {
  const onRetry = (): void => {
    progress("waiting for another backup to end");
  };
  const [timeout, pause] = [lockTimeoutSeconds * 1000, pauseSeconds * 1000];
  return retry({ timeout, pause, isPassing: isLockHeld, onRetry, signal }, work);
}
