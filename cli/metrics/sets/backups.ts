import { stat } from "node:fs/promises";
import { longestPause } from "../../../components/backup/cron";
import type { LocalStackFile, Monitoring, StackFile } from "../../../contracts/stack-file";
import { type TierName, tierNames } from "../../../contracts/tiers";
import { isPlanned, plannedWork } from "../../../lib/supervisor/planned-work";
import { diskOf } from "../../../lib/system/disk";
import { MB } from "../../../lib/units";
import { checkNames, readDrills } from "../../drill/report";
import { repositoryOf } from "../../pgbackrest/command";
import { type Catalog, type ListedSet, readCatalog } from "../../pgbackrest/sets";
import { readRuns } from "../../records/backup-runs";
import { seconds, type SeriesOf, single } from "../series";
import { defineStackSet, shared } from "../stack-set";
import {
  archiveTimeout,
  backupMetrics,
  drillMetrics,
  durationOf,
  figuresOf,
  runMetrics,
  soundByKind,
} from "../textfile";

/** The same figures under the names of pgbackrest_exporter. */
function exporterMetrics(sets: readonly ListedSet[], stanza: string): SeriesOf<"repository"> {
  const each = (value: (newest: ListedSet) => number) =>
    soundByKind(sets).map(({ kind, newest }) => [{ stanza, backup_type: kind }, value(newest)] as const);
  return {
    pgbackrest_backup_since_last_completion_seconds: each(({ stoppedAt }) => (Date.now() - stoppedAt) / 1000),
    pgbackrest_backup_last_duration_seconds: each(durationOf),
    pgbackrest_backup_last_size_bytes: each(({ size }) => size),
  };
}

async function disks({ repository: { path }, logical }: LocalStackFile): Promise<SeriesOf<"repository">> {
  const { destination } = logical;
  const places: readonly (readonly [string, string])[] = [
    ["repository", path],
    ...("folder" in destination ? [["dumps", destination.folder] as const] : []),
  ];
  const found = await Promise.all(places.map(async ([place, folder]) => ({ place, ...(await diskOf(folder)) })));
  return {
    howdah_disk_size_bytes: found.map(({ place, size }) => [{ place }, size * MB]),
    howdah_disk_free_bytes: found.map(({ place, free }) => [{ place }, free * MB]),
  };
}

/** The end of the oldest intact backup: from there on, the archive has every moment. */
const windowStart = (sets: readonly ListedSet[]): number | undefined => {
  const oldest = sets.find(({ sound }) => sound);
  return oldest && oldest.stoppedAt / 1000;
};

/** Longest time between two runs of each of these tiers that has a schedule. */
export const scheduled = ({ tiers }: Pick<StackFile, "tiers">, names: readonly TierName[]) =>
  names.flatMap((tier) => {
    const { schedule } = tiers[tier];
    return schedule === null ? [] : [[{ database: "", tier, kind: "" }, longestPause(schedule) / 1000] as const];
  });

/** Seconds between two looks into the repository, each of which starts pgBackRest. */
const interval = 60;
const timeout = 30;

/** A stack of this machine, and what lists its backups. */
interface Listed {
  readonly job: LocalStackFile;
  readonly catalog: () => Promise<Catalog>;
}

/** One listing serves both sets that need it. */
export const listed = (job: LocalStackFile): Listed => ({
  job,
  catalog: shared(() => readCatalog(repositoryOf(job)), (interval * 1000) / 2),
});

export const backups = defineStackSet({
  name: "backups",
  interval,
  timeout,
  failed: { howdah_backup_store_up: [[{}, 0]] },
  start:
    ({ catalog }: Pick<Listed, "catalog">) =>
    async () => ({ ...backupMetrics((await catalog()).sets), howdah_backup_store_up: [[{}, 1]] }),
});

/** Their records are not in the repository: that it is gone is why a run has failed. */
export const backupRuns = defineStackSet({
  name: "backup runs",
  interval: 60,
  start: (job: LocalStackFile & { readonly monitoring: Pick<Monitoring, "scheduleFile"> }) => {
    const intervals = scheduled(job, tierNames);
    return async () => {
      const { mtimeMs } = await stat(job.monitoring.scheduleFile);
      return {
        ...runMetrics(await readRuns(job)),
        howdah_backup_interval_seconds: intervals,
        howdah_backup_scheduled_timestamp_seconds: intervals.map(([labels]) => [labels, mtimeMs / 1000]),
      };
    };
  },
});

export const repository = defineStackSet({
  name: "repository",
  interval,
  timeout,
  start:
    ({ job, catalog }: Listed) =>
    async () => {
      const [{ sets }, space] = await Promise.all([catalog(), disks(job)]);
      return {
        ...exporterMetrics(sets, job.repository.stanza),
        ...space,
        ...archiveTimeout(job.objectives),
        howdah_recovery_window_start_timestamp_seconds: single(windowStart(sets)),
      };
    },
});

export const drills = defineStackSet({
  name: "drills",
  interval: 60,
  start: (job: LocalStackFile) => async () => {
    const found = await readDrills(job);
    const last = found.at(-1);
    return {
      ...drillMetrics(figuresOf(found), job.objectives.drillSeconds),
      howdah_drill_last_run_timestamp_seconds: single(last && seconds(last.at)),
      howdah_drill_check_success: checkNames.flatMap((check) => {
        const failed = last?.cause?.check === check;
        const passed = last?.checks.some(({ name }) => name === check) === true;
        return failed || passed ? [[{ check }, Number(!failed)] as const] : [];
      }),
    };
  },
});

/** What is known of a stack without asking. */
interface StackFacts {
  readonly objectives: StackFile["objectives"];
  readonly rpoSeconds: number;
  /** Servers of the configuration. */
  readonly servers: number;
  /** Folder of the supervisor, by which planned work is announced. Default: none is. */
  readonly supervisor?: string;
}

const announced = (directory: string) =>
  Promise.all(plannedWork.map(async (work) => [{ work }, Number(await isPlanned({ directory }, work))] as const));

export const stack = defineStackSet({
  name: "stack",
  interval: 10,
  start:
    ({ objectives, rpoSeconds, servers, supervisor }: StackFacts) =>
    async () => ({
      howdah_objective_rto_seconds: single(objectives.rtoSeconds),
      howdah_objective_rpo_seconds: single(rpoSeconds),
      howdah_objective_point_in_time_seconds: single(objectives.pointInTimeSeconds),
      howdah_servers_declared: single(servers),
      howdah_planned_work: supervisor === undefined ? [] : await announced(supervisor),
    }),
});
