import { join } from "node:path";
import type { LocalStackFile } from "../../contracts/stack-file";
import { isPhysical, tierKinds, tierNames } from "../../contracts/tiers";
import { writeWhole } from "../../lib/files";
import { type BackupRun, readRuns } from "../records/backup-runs";
import { type DrillReport, readDrills } from "../drill/report";
import { repositoryOf } from "../pgbackrest/command";
import { type ListedSet, readCatalog } from "../pgbackrest/sets";
import { renderText, seconds, type SeriesOf, single } from "./series";

/** What the metrics are computed from. */
export interface MetricsInput {
  readonly sets: readonly ListedSet[];
  readonly runs: readonly BackupRun[];
  readonly drills: readonly DrillReport[];
  readonly objectives: Pick<LocalStackFile["objectives"], "drillSeconds" | "archiveSeconds">;
}

const noLabels = { database: "", tier: "", kind: "" };

/** The most that a median is taken of. */
const recent = 10;

/** Median of the newest. @param values the oldest first */
export function median(values: readonly number[]): number {
  const sorted = values.slice(-recent).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [upper = 0, lower = upper] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? upper : (lower + upper) / 2;
}

/** Seconds that a backup took. */
export const durationOf = ({ startedAt, stoppedAt }: ListedSet): number => (stoppedAt - startedAt) / 1000;

/** The intact backups of each kind that has one, the oldest first, and the newest of them. */
export const soundByKind = (sets: readonly ListedSet[]) =>
  (["full", "diff", "incr"] as const).flatMap((kind) => {
    const sound = sets.filter((set) => set.kind === kind && set.sound);
    const newest = sound.at(-1);
    return newest === undefined ? [] : [{ kind, newest, sound }];
  });

/** What a repository tells. */
export function backupMetrics(sets: readonly ListedSet[]): SeriesOf<"backups"> {
  const kinds = soundByKind(sets);
  const byKind = (value: (of: (typeof kinds)[number]) => number) =>
    kinds.map((of) => [{ ...noLabels, kind: of.kind }, value(of)] as const);
  return {
    howdah_backup_last_success_timestamp_seconds: byKind(({ newest }) => newest.stoppedAt / 1000),
    howdah_backup_size_bytes: byKind(({ newest }) => newest.size),
    howdah_backup_repository_bytes: byKind(({ newest }) => newest.added),
    howdah_backup_duration_seconds: byKind(({ newest }) => durationOf(newest)),
    howdah_backup_duration_median_seconds: byKind(({ sound }) => median(sound.map(durationOf))),
    howdah_backup_size_median_bytes: byKind(({ sound }) => median(sound.map(({ size }) => size))),
    howdah_backups: [[noLabels, sets.length]],
  };
}

/** What the records of the runs tell, whether or not the repository can be read. */
export function runMetrics(runs: readonly BackupRun[]): SeriesOf<"backup runs"> {
  const last = tierNames.flatMap((tier) => runs.findLast((run) => run.tier === tier) ?? []);
  const byTier = (value: (run: BackupRun) => number) =>
    last.map((run) => {
      const kind = isPhysical(tierKinds[run.tier]) ? "physical" : "logical";
      return [{ ...noLabels, tier: run.tier, kind }, value(run)] as const;
    });
  return {
    howdah_backup_run_success: byTier(({ passed }) => Number(passed)),
    howdah_backup_run_timestamp_seconds: byTier(({ at }) => seconds(at)),
  };
}

/** What a drill has shown, as gauges. */
export interface DrillFigures {
  /** Seconds since the epoch; of the newest good drill, like the measurements. */
  readonly lastSuccess?: number | undefined;
  readonly success?: boolean | undefined;
  readonly rtoSeconds?: number | undefined;
  readonly rpoSeconds?: number | undefined;
}

/** Metrics of drills, alike for physical backups and for dumps. @param drillSeconds age at which a drill is overdue */
export function drillMetrics(figures: DrillFigures, drillSeconds: number): SeriesOf<"drills"> {
  const { lastSuccess, success, rtoSeconds, rpoSeconds } = figures;
  return {
    howdah_drill_last_success_timestamp_seconds: single(lastSuccess),
    howdah_drill_success: single(success === undefined ? undefined : Number(success)),
    howdah_drill_rto_seconds: single(rtoSeconds),
    howdah_drill_rpo_seconds: single(rpoSeconds),
    howdah_drill_overdue_seconds: single(drillSeconds),
  };
}

/** Longest time that WAL waits to be archived. */
export const archiveTimeout = ({ archiveSeconds }: Pick<MetricsInput["objectives"], "archiveSeconds">) =>
  ({ howdah_archive_timeout_seconds: single(archiveSeconds) }) satisfies SeriesOf<"repository">;

/** The figures of a cluster of this machine. */
export function figuresOf(drills: readonly DrillReport[]): DrillFigures {
  const passed = drills.findLast((one) => one.passed);
  return {
    lastSuccess: passed && seconds(passed.at),
    success: drills.at(-1)?.passed,
    rtoSeconds: passed?.rtoSeconds,
    rpoSeconds: drills.findLast((one) => one.passed && one.rpoSeconds !== undefined)?.rpoSeconds,
  };
}

/** The metrics of a cluster of this machine. */
export const renderMetrics = (input: MetricsInput): string =>
  renderText([
    backupMetrics(input.sets),
    runMetrics(input.runs),
    drillMetrics(figuresOf(input.drills), input.objectives.drillSeconds),
    archiveTimeout(input.objectives),
  ]);

/** Writes the metrics of a stack's backups and drills for a textfile collector; readable by all, it holds no secret. */
export async function writeMetrics(job: LocalStackFile): Promise<void> {
  const [{ sets }, runs, drills] = await Promise.all([readCatalog(repositoryOf(job)), readRuns(job), readDrills(job)]);
  const text = renderMetrics({ sets, runs, drills, objectives: job.objectives });
  writeWhole(join(job.folders.metrics, "howdah_backup.prom"), text, 0o644);
}
