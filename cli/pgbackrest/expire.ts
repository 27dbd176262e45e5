import type { LocalStackFile } from "../../contracts/stack-file";
import { expiredLabels, type RetentionInput, walBackups } from "../../components/backup/retention";
import type { TierName } from "../../contracts/tiers";
import { holds, newestLineage } from "../restore/plan/timelines";
import { backrest, isLockHeld, type RepositoryRef, repositoryOf } from "./command";
import { type Catalog, type ListedSet, readCatalog } from "./sets";

/** The retention of a job, as the pure part takes it. */
export function retentionOf(job: LocalStackFile, now: number): RetentionInput {
  const kept = Object.entries(job.tiers).map(([name, { keptSeconds }]) => [name, keptSeconds * 1000]);
  return {
    now,
    kept: Object.fromEntries(kept) as Record<TierName, number>,
    pointInTime: job.objectives.pointInTimeSeconds * 1000,
  };
}

/** Labels of the backups from which no WAL leads to now. */
async function abandonedLabels(at: RepositoryRef, { sets, archiveId }: Catalog): Promise<ReadonlySet<string>> {
  if (archiveId === undefined) return new Set();
  const { lineage } = await newestLineage(at, archiveId);
  const isOnTheWay = (set: ListedSet): boolean => set.archiveId === archiveId && holds(lineage, set);
  return new Set(sets.filter((set) => !isOnTheWay(set)).map(({ label }) => label));
}

/**
 * Expires what no tier keeps any more, and the WAL that nothing needs. If another backup has begun meanwhile, that is left to it:
 * the holder of the lock expires when it is done.
 * @returns labels that went
 */
export async function expire(job: LocalStackFile, now: number = Date.now()): Promise<string[]> {
  const at = repositoryOf(job);
  const quiet = "--log-level-console=warn";
  const catalog = await readCatalog(at);
  const { sets } = catalog;
  const input = { ...retentionOf(job, now), abandoned: await abandonedLabels(at, catalog) };
  const due = expiredLabels(sets, input);
  const left = sets.filter(({ label }) => !due.includes(label));
  const wal = [`--repo1-retention-archive=${walBackups(left, input)}`, "--repo1-retention-archive-type=diff"];
  const gone: string[] = [];
  try {
    for (const label of due) {
      await backrest(at, [quiet, `--set=${label}`, "expire"]);
      gone.push(label);
    }
    await backrest(at, [quiet, ...wal, "expire"]);
  } catch (error) {
    if (!isLockHeld(error)) throw error;
  }
  return gone;
}
