import type { Job } from "../../components/backup/job";
import { expiredLabels, type RetentionInput, walBackups } from "../../components/backup/retention";
import type { TierName } from "../../components/backup/tiers";
import { backrest, repositoryOf } from "./command";
import { readCatalog } from "./sets";

/** The retention of a job, as the pure part takes it. */
export function retentionOf(job: Job, now: number): RetentionInput {
  const kept = Object.entries(job.tiers).map(([name, { keptSeconds }]) => [name, keptSeconds * 1000]);
  return {
    now,
    kept: Object.fromEntries(kept) as Record<TierName, number>,
    pointInTime: job.objectives.pointInTimeSeconds * 1000,
  };
}

/** Expires what no tier keeps any more, and the WAL that nothing needs. @returns labels that went */
export async function expire(job: Job, now: number = Date.now()): Promise<string[]> {
  const at = repositoryOf(job);
  const quiet = "--log-level-console=warn";
  const input = retentionOf(job, now);
  const { sets } = await readCatalog(at);
  const gone = expiredLabels(sets, input);
  for (const label of gone) await backrest(at, [quiet, `--set=${label}`, "expire"]);
  const left = sets.filter(({ label }) => !gone.includes(label));
  const wal = [`--repo1-retention-archive=${walBackups(left, input)}`, "--repo1-retention-archive-type=diff"];
  await backrest(at, [quiet, ...wal, "expire"]);
  return gone;
}
