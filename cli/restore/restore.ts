import { Refusal } from "../../lib/errors";
import { whilePlanned } from "../../lib/supervisor/planned-work";
import type { LocalStackFile } from "../../contracts/stack-file";
import type { FileScope } from "../kit/command";
import { writeMetrics } from "../metrics/textfile";
import { readCatalog } from "../pgbackrest/sets";
import { awaitPrimary } from "../session/primary";
import { withWorkFolder } from "../session/work-folder";
import { describeInPlace, restoreInPlace, type InPlaceResult } from "./in-place/in-place";
import { switchApart } from "./in-place/switch";
import { unfinishedSwitch } from "./in-place/switch-intent";
import { archiveNewest, checkWritten } from "./plan/archive-newest";
import { checkTimeline, describePlan, planRestore, type RestorePlan } from "./plan/plan";
import { type Foreign, foreignSource, ownSource, type Source } from "./plan/source";
import type { Target } from "./plan/target";
import { checkNewFolder, type NewServer, restoreIntoNewServer } from "./server/new-server";

/** Where a physical backup is restored to. */
export type Destination =
  | { readonly kind: "new"; readonly directory: string; readonly port?: number | undefined }
  | {
      readonly kind: "in place";
      /** Asks, and throws unless the answer is yes. */
      readonly agree: (what: string) => Promise<void>;
    };

/** What to restore, and where to. */
export interface RestoreOrder {
  readonly target: Target;
  readonly destination: Destination;
  /** Label; default: the newest backup that reaches the target. */
  readonly set?: string | undefined;
  readonly timeline?: string | undefined;
  /** Another stack's repository; default: the stack's own. */
  readonly foreign?: Foreign | undefined;
  /** Only find out what would happen. */
  readonly dryRun: boolean;
}

/** What a restore has come to. */
export type Restored =
  | { readonly kind: "plan"; readonly plan: RestorePlan; readonly steps: readonly string[] }
  | { readonly kind: "new"; readonly set: string; readonly server: NewServer }
  | { readonly kind: "in place"; readonly set: string; readonly result: InPlaceResult };

interface Ready {
  readonly source: Source;
  readonly plan: RestorePlan;
  readonly dryRun: boolean;
}

async function intoNewServer(
  { job, context }: FileScope<LocalStackFile>,
  { source, plan, dryRun }: Ready,
  { directory, port }: Extract<Destination, { kind: "new" }>,
): Promise<Restored> {
  await checkNewFolder(directory);
  const steps = [...describePlan(plan), `a separate server in ${directory}; the running one is not touched`];
  if (dryRun) return { kind: "plan", plan, steps };
  for (const note of plan.notes) context.note(`note: ${note}`);
  const at = port === undefined ? {} : { port };
  const server = await restoreIntoNewServer(job, { source, plan, directory, ...at }, context);
  return { kind: "new", set: plan.chosen.label, server };
}

async function inPlace(
  { job, jobFile, context }: FileScope<LocalStackFile>,
  { source, plan, dryRun }: Ready,
  { agree }: Extract<Destination, { kind: "in place" }>,
): Promise<Restored> {
  const safety = (await awaitPrimary(job, context)) !== undefined;
  if (source.foreign && !safety)
    throw new Refusal(
      "no server of the cluster is the primary, but its roles decide which roles of another cluster's backup may log in. Start it first; see `make status`",
    );
  const steps = [...describePlan(plan), ...describeInPlace(job, safety, source)];
  if (dryRun) return { kind: "plan", plan, steps };
  for (const step of steps) context.note(step);
  await agree(`This replaces the data of stack "${job.stack}".`);
  const result = await whilePlanned({ directory: job.supervisor }, "restore", () =>
    restoreInPlace(job, { source, plan, jobFile, needsSafety: safety }, context),
  );
  await writeMetrics(job);
  return { kind: "in place", set: plan.chosen.label, result };
}

/** Completes a restore in place that was interrupted while it exchanged files. */
async function completeInterrupted({ job, jobFile, context }: FileScope<LocalStackFile>): Promise<void> {
  if ((await unfinishedSwitch(job))?.left !== "files") return;
  context.note("an earlier restore in place was interrupted: completing it first");
  await switchApart(job, jobFile, context.note);
}

const sourceFor = (job: LocalStackFile, foreign: Foreign | undefined, folder: string): Promise<Source> =>
  foreign === undefined ? Promise.resolve(ownSource(job)) : foreignSource(job, foreign, folder);

/**
 * Restores a physical backup, into a new server or in place.
 * @throws Refusal if the target cannot be reached, or the user does not agree
 */
export async function restore(scope: FileScope<LocalStackFile>, order: RestoreOrder): Promise<Restored> {
  const { job, context } = scope;
  const { target, destination, set, timeline, foreign, dryRun } = order;
  if (timeline !== undefined) checkTimeline(timeline);
  if (foreign === undefined && timeline === undefined) await checkWritten(job, target);
  if (destination.kind === "in place") await completeInterrupted(scope);
  return withWorkFolder(job, "source", async (folder) => {
    const source = await sourceFor(job, foreign, folder);
    if (!source.foreign && !dryRun) await archiveNewest(job, context);
    const request = {
      target,
      ...(set === undefined ? {} : { set }),
      ...(timeline === undefined ? {} : { timeline }),
    };
    const plan = await planRestore(source, await readCatalog(source), request);
    const ready = { source, plan, dryRun };
    return destination.kind === "new" ? intoNewServer(scope, ready, destination) : inPlace(scope, ready, destination);
  });
}
