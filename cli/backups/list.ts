import type { StackFile } from "../../contracts/stack-file";
import { type LatestDrill, latestDrill } from "../drill/dumps/record";
import { type DrillReport, ownFailure, readDrills } from "../drill/report";
import { listLogically } from "../dumps/store/list";
import type { Manifest } from "../dumps/store/manifest";
import { isRemoteJob } from "../kit/find-stack";
import { repositoryOf } from "../pgbackrest/command";
import { readCatalog } from "../pgbackrest/sets";

/** What the newest drill of a backup has shown; null before the first. */
function verdictOf(label: string, drills: readonly DrillReport[]): { verified: boolean | null; at?: string } {
  // A drill that did not come to an end says nothing about the backup.
  const last = drills.findLast(({ set, cause }) => set === label && cause?.check !== ownFailure);
  return last === undefined ? { verified: null } : { verified: last.passed, at: last.at };
}

async function physicalBackups(job: StackFile) {
  if (isRemoteJob(job)) return [];
  const [{ sets }, drills] = await Promise.all([readCatalog(repositoryOf(job)), readDrills(job)]);
  return sets.toReversed().map((set) => ({
    label: set.label,
    kind: set.kind,
    tier: set.tier ?? null,
    endedAt: new Date(set.stoppedAt).toISOString(),
    ageSeconds: Math.round((Date.now() - set.stoppedAt) / 1000),
    sizeBytes: set.size,
    repositoryBytes: set.added,
    walStart: set.wal.start,
    walStop: set.wal.stop,
    sound: set.sound,
    ...verdictOf(set.label, drills),
  }));
}

export type PhysicalBackup = Awaited<ReturnType<typeof physicalBackups>>[number];

/** All backups of a stack, newest first. */
export interface BackupList {
  /** None of a cloud's database: its service has them. */
  readonly physical: readonly PhysicalBackup[];
  readonly logical: readonly Manifest[];
  /** What looks like a dump and is none. */
  readonly unusable: readonly { readonly name: string; readonly reason: string }[];
  /** Of a cloud's database: its newest drill, null before the first. */
  readonly drill?: LatestDrill | null;
}

export async function listAll(job: StackFile): Promise<BackupList> {
  const [physical, { backups: logical, unusable }, drill] = await Promise.all([
    physicalBackups(job),
    listLogically(job),
    isRemoteJob(job) ? latestDrill(job) : undefined,
  ]);
  return { physical, logical, unusable, ...(isRemoteJob(job) ? { drill: drill ?? null } : {}) };
}
