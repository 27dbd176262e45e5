import type { GuardSettings, GuardTiming } from "../../contracts/guard";
import { messageOf } from "../../lib/errors";
import { repeat } from "../../lib/retry";
import { judge, type Memory, nothingKnown } from "./judge";
import { markOf, switchesOf } from "./processes";
import { type Guarded, guarded } from "./servers";

/** A line for the guard's log. */
export type Log = (text: string) => void;

/** Seconds between two questions to a server that is not well. */
const shortPause = 1;

/** A line for the log; undefined if nothing has changed. */
function remark(before: Memory, after: Memory, reason: string): string | undefined {
  if (after.silent > before.silent) return `does not answer and is not scheduled (${after.silent}): ${reason}`;
  if (after.full > before.full) return `rejects all logins (${after.full}): ${reason}`;
  return undefined;
}

/** Checks a server once, and acts on the result. Returns the new memory, and whether the server was healthy. */
export async function checkServer(
  server: Guarded,
  known: Memory,
  { timing, log }: { readonly timing: GuardTiming; readonly log: Log },
): Promise<{ memory: Memory; well: boolean }> {
  const pids = server.find();
  const [main] = pids;
  const mark = main === undefined ? undefined : markOf(main);
  if (main === undefined || mark === undefined)
    return { memory: { ...nothingKnown, spared: known.spared }, well: true };
  const before = switchesOf(pids);
  const { answer, reason } = await server.ask(timing.timeout);
  const ran = before !== switchesOf(pids);
  const { memory, step } = judge(known, { server: mark, answer, ran }, timing.tries);
  const about = `${server.name} (process ${main})`;
  if (answer === "silent" && ran) log(`${about} does not answer, but is running: left alone`);
  const line = remark(known, memory, reason);
  if (line !== undefined) log(`${about} ${line}`);
  // Only the process that was asked.
  if (step !== "none" && markOf(main) === mark) {
    const why = answer === "silent" ? "hangs" : "is out of locks";
    log(`${about} ${why}: ${await server.act(step, main)}`);
  }
  return { memory, well: answer === "good" || answer === "refused" };
}

async function watch(
  server: Guarded,
  timing: GuardTiming,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<void> {
  let known = nothingKnown;
  // A failed check does not end the guard: the next one may succeed.
  const check = (): ReturnType<typeof checkServer> =>
    checkServer(server, known, { timing, log }).catch((error: unknown) => {
      log(`the check of ${server.name} failed: ${messageOf(error)}`);
      return { memory: known, well: true };
    });
  try {
    await repeat(async () => {
      const { memory, well } = await check();
      known = memory;
      return (well ? timing.pause : Math.min(timing.pause, shortPause)) * 1000;
    }, signal);
  } finally {
    server.close();
  }
}

/** Watches every server of the settings, until `signal`. */
export async function guardServers(settings: GuardSettings, log: Log, signal: AbortSignal): Promise<void> {
  await Promise.all(
    settings.watch.map((one) => {
      const server = guarded(one);
      log(`watching ${server.name}`);
      return watch(server, settings.timing, { log, signal });
    }),
  );
}
