import { statfs } from "node:fs/promises";
import { Failure, Refusal } from "../../../lib/errors";
import type { Context } from "../../kit/answer";
import { formatBytes } from "../../../lib/text/format";
import { MB } from "../../../lib/units";

/** Next to the cluster's files: WAL that replay fetches, and what a checkpoint writes. */
const spare = 256 * MB;

/** Bytes that the disk of a folder has free for us. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws a `Refusal` unless the disk of a folder has room for `bytes` and some. */
export async function needRoom(folder: string, bytes: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= bytes + spare) return;
  throw new Refusal(
    `the disk of ${folder} has ${formatBytes(free)} free, but the restore needs ${formatBytes(bytes + spare)}; make room and try again`,
  );
}

/** Milliseconds between two looks at a disk that a restore fills: three servers take a gigabyte and more a second, WAL included. */
const checkInterval = 100;

/**
 * Runs `work`, and aborts it before the disk of a folder is full: what is restored may be far larger than anything says, and a
 * full disk stops the servers that share it.
 * @param free bytes that are free. Default: the disk is asked
 * @throws Failure if the room did not suffice
 */
export async function whileRoom<T>(
  folder: string,
  { context, free = () => freeBytes(folder) }: { readonly context: Context; readonly free?: () => Promise<number> },
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const full = new AbortController();
  const timer = setInterval(() => {
    void free().then(
      (bytes) => {
        if (bytes < spare)
          full.abort(
            new Failure(
              `the disk of ${folder} has only ${formatBytes(bytes)} left: the restore was stopped and undone; make room and try again`,
            ),
          );
      },
      () => undefined,
    );
  }, checkInterval);
  try {
    return await work({ ...context, signal: AbortSignal.any([context.signal, full.signal]) });
  } catch (error) {
    context.signal.throwIfAborted();
    // What was ended says only that it was ended.
    full.signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(timer);
  }
}
