import { runAsService } from "../../../lib/process/task";
import { type SupervisorPaths, logFile } from "../../../lib/supervisor/supervisor";
import { readSince, sizeOf } from "../../../lib/system/files";
import { waitFor } from "../../../lib/retry";

/** What a program writes to its log when it reads its files. Both are regular expressions for one line. */
export interface Reader {
  /** It has begun to read them. */
  readonly begins: string;
  /** It has skipped a line, or kept what it had. */
  readonly refuses: string;
}

/** A program's log, from a position on. */
export interface LogPart {
  readonly at: SupervisorPaths;
  readonly name: string;
  /** Bytes. */
  readonly from: number;
}

/** Milliseconds until a program has to begin, on a machine that is busy. */
const timeout = 60_000;
/** Milliseconds without another line, after which all is said; a program writes in one go, and the supervisor reads at once. */
const quiet = 500;
/** Looks at the log after it has begun: clients that come and go are logged as well, and never let it rest. */
const attempts = 6;

// The log is the service user's.
const textOf = ({ at, name, from }: LogPart): Promise<string> => readSince(logFile(at, name), from);

/** Where a program's log ends now. */
export async function endOfLog(at: SupervisorPaths, name: string): Promise<LogPart> {
  return { at, name, from: await sizeOf(logFile(at, name)) };
}

/** The whole log of one reading: from when it has begun until nothing more comes, or for the time of all looks. */
async function reading(part: LogPart, { begins }: Reader, signal: AbortSignal): Promise<string> {
  const begun = new RegExp(begins, "m");
  const heard = async (): Promise<string | undefined> => {
    const text = await textOf(part);
    return begun.test(text) ? text : undefined;
  };
  const text = await waitFor(heard, { timeout, signal });
  if (text === undefined) throw new Error(`${part.name} has not read its files ${timeout / 1000} s after the reload`);
  let before = text;
  let done = 0;
  const settled = async (): Promise<string | undefined> => {
    const [length, latest] = [before.length, await textOf(part)];
    before = latest;
    return ++done === attempts || latest.length <= length ? latest : undefined;
  };
  return (await waitFor(settled, { timeout: Infinity, delay: quiet, interval: quiet, signal })) ?? before;
}

/**
 * Looks whether a program has taken its files whole: some skip a line that they cannot read, go on, and say so in their log alone.
 * @param part the log from before it was told to read them
 * @throws with the lines of the log in which it refuses something
 */
export async function assertTaken(part: LogPart, reader: Reader, signal: AbortSignal): Promise<void> {
  const refusal = new RegExp(reader.refuses);
  const lines = (await reading(part, reader, signal)).split("\n").filter((line) => refusal.test(line));
  if (lines.length > 0)
    throw new Error(`${part.name} has not accepted all of its files:\n${lines.slice(0, 10).join("\n")}`);
}

/**
 * Has a program look at its files before it gets them.
 * @param command as the service user; fails, and says why, if the files are no good
 */
export async function assertReadable(name: string, command: readonly string[]): Promise<void> {
  await runAsService(command).catch((error: unknown) => {
    throw new Error(`${name} keeps its old files, because it would reject the new ones: ${(error as Error).message}`);
  });
}
