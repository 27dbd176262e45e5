import { setTimeout as sleep } from "node:timers/promises";
import type { GuardSettings, GuardTiming } from "../../contracts/guard";
import { messageOf } from "../../lib/errors";
import { judge, type Memory, nothingKnown } from "./judge";
import { markOf, switchesOf } from "./processes";
import { type Guarded, guarded } from "./servers";

/** A line for the guard's log. */
export type Say = (text: string) => void;

/** Seconds between two questions to a server that is not well. */
const hurry = 1;

/** Words for the log; none for a server that is as it was. */
function remark(before: Memory, after: Memory, reason: string): string | undefined {
  if (after.silent > before.silent) return `does not answer and is not scheduled (${after.silent}): ${reason}`;
  if (after.full > before.full) return `rejects all logins (${after.full}): ${reason}`;
  return undefined;
}

/** One look at a server, and what follows from it. Returns what is known afterwards, and whether the server was well. */
export async function lookAt(
  server: Guarded,
  known: Memory,
  { timing, say }: { readonly timing: GuardTiming; readonly say: Say },
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
  if (answer === "silent" && ran) say(`${about} does not answer, but is running: left alone`);
  const line = remark(known, memory, reason);
  if (line !== undefined) say(`${about} ${line}`);
  // Only the process that was asked.
  if (step !== "none" && markOf(main) === mark) {
    const why = answer === "silent" ? "hangs" : "is out of locks";
    say(`${about} ${why}: ${await server.act(step, main)}`);
  }
  return { memory, well: answer === "good" || answer === "refused" };
}

async function watch(
  server: Guarded,
  timing: GuardTiming,
  { say, signal }: { say: Say; signal: AbortSignal },
): Promise<void> {
  let known = nothingKnown;
  // A look that fails ends no guard: the next one may succeed.
  const look = (): ReturnType<typeof lookAt> =>
    lookAt(server, known, { timing, say }).catch((error: unknown) => {
      say(`the check of ${server.name} failed: ${messageOf(error)}`);
      return { memory: known, well: true };
    });
  try {
    while (!signal.aborted) {
      const { memory, well } = await look();
      known = memory;
      await sleep((well ? timing.pause : Math.min(timing.pause, hurry)) * 1000, undefined, { signal }).catch(
        () => undefined,
      );
    }
  } finally {
    server.close();
  }
}

/** Watches every server of the settings, until `signal`. */
export async function guardServers(settings: GuardSettings, say: Say, signal: AbortSignal): Promise<void> {
  await Promise.all(
    settings.watch.map((one) => {
      const server = guarded(one);
      say(`watching ${server.name}`);
      return watch(server, settings.timing, { say, signal });
    }),
  );
}
