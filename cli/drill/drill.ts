import { join } from "node:path";
import { Refusal } from "../../lib/errors";
import type { LocalStackFile } from "../../contracts/stack-file";
import { withLock } from "../../lib/lock";
import type { Context } from "../kit/answer";
import { repositoryOf } from "../pgbackrest/command";
import { type ListedSet, readCatalog } from "../pgbackrest/sets";
import { chooseSet } from "../restore/plan/choose";
import { whileRoom } from "../restore/files/room";
import { holds, newestLineage } from "../restore/plan/timelines";
import { primaryOf } from "../session/sql";
import { withWorkFolder } from "../session/work-folder";
import { attempt, type Draft } from "./attempt";
import { takeEvidence } from "./evidence";
import { type DrillReport, recordDrill } from "./report";
import type { Steps } from "./steps";
import { type Measured, trial } from "./trial";

export interface DrillRequest {
  /** Label of a backup, or `random`; default: the newest. */
  readonly set?: string;
  /** Switches the WAL at once instead of waiting for `archive_timeout`; the RPO is not measured then. */
  readonly quick: boolean;
}

/** The backup to try, and whether there is WAL from it to now. */
interface Pick {
  readonly set: ListedSet;
  readonly isReplayable: boolean;
}

async function pick(job: LocalStackFile, wanted: string | undefined): Promise<Pick> {
  const at = repositoryOf(job);
  const { sets, archiveId = "" } = await readCatalog(at);
  const { lineage } = await newestLineage(at, archiveId);
  const own = sets.filter((set) => set.archiveId === archiveId);
  const drawn = wanted === "random" ? sets[Math.floor(Math.random() * sets.length)]?.label : wanted;
  const set =
    drawn === undefined
      ? chooseSet({ sets: own, lineage }, { kind: "latest" })
      : chooseSet({ sets }, { kind: "immediate" }, drawn);
  const isRecent = Date.now() - set.stoppedAt <= job.objectives.pointInTimeSeconds * 1000;
  return { set, isReplayable: isRecent && own.includes(set) && holds(lineage, set) };
}

async function perform(
  job: LocalStackFile,
  { set: wanted, quick }: DrillRequest,
  { draft, steps, context }: { draft: Draft; steps: Steps; context: Context },
): Promise<void> {
  const primary = await primaryOf(job);
  if (primary === undefined)
    throw new Refusal(
      "no server of the cluster is the primary: a drill has nothing to compare with; see `make status`",
    );
  const { set, isReplayable } = await pick(job, wanted);
  draft.set = set.label;
  draft.size = set.size;
  const evidence = isReplayable ? { evidence: await takeEvidence(primary, job.databases, quick) } : {};
  const record = ({ rpoSeconds, ...more }: Measured): void => {
    // A WAL switch of our own says nothing about how long a commit waits otherwise.
    Object.assign(draft, more, quick || rpoSeconds === undefined ? {} : { rpoSeconds });
  };
  await withWorkFolder(job, "drill", (folder) =>
    // WAL may hold far more than the backup.
    whileRoom(folder, { context }, (watched) =>
      trial({ job, set, folder, ...evidence }, { steps, context: watched, record }),
    ),
  );
}

/**
 * Restores a backup to a throwaway server, replays to the newest WAL, and looks whether it is what it was. Writes the result to
 * the history, whatever it is, also that it came to none; one drill at a time.
 * @throws Refusal if there is no primary or no backup
 */
export async function drill(job: LocalStackFile, request: DrillRequest, context: Context): Promise<DrillReport> {
  const wait = (pid: string): void => {
    context.progress(`waiting for another drill (process ${pid})`);
  };
  return withLock(join(job.folders.work, "drill.lock"), wait, async () => {
    const work = (draft: Draft, steps: Steps) => perform(job, request, { draft, steps, context });
    const save = (report: DrillReport) => recordDrill(job, report);
    return attempt({ quick: request.quick, work, save }, context);
  });
}
