import { longestPause } from "../../../components/backup/cron";
import { tierNames } from "../../../contracts/tiers";
import { isPlanned, plannedWork } from "../../../lib/supervisor/planned-work";
import { diskOf } from "../../../lib/system/disk";
import { MB } from "../../../lib/units";
import { checkNames, readDrills } from "../../drill/report";
import { repositoryOf } from "../../pgbackrest/command";
import { type ListedSet, readCatalog } from "../../pgbackrest/sets";
import { readRuns } from "../../records/backup-runs";
import { seconds, type SeriesOf, single } from "../series";
import { defineStackSet, type MonitoredStack } from "../stack-set";
import { backupMetrics, drillMetrics, durationOf, figuresOf, soundByKind } from "../textfile";

/** The same figures under the names of pgbackrest_exporter. */
function exporterMetrics(sets: readonly ListedSet[], stanza: string): SeriesOf<"backups"> {
  const each = (value: (newest: ListedSet) => number) =>
    soundByKind(sets).map(({ kind, newest }) => [{ stanza, backup_type: kind }, value(newest)] as const);
  return {
    pgbackrest_backup_since_last_completion_seconds: each(({ stoppedAt }) => (Date.now() - stoppedAt) / 1000),
    pgbackrest_backup_last_duration_seconds: each(durationOf),
    pgbackrest_backup_last_size_bytes: each(({ size }) => size),
  };
}

async function disks({ repository, logical }: MonitoredStack): Promise<SeriesOf<"backups">> {
  const { destination } = logical;
  const places: readonly (readonly [string, string])[] = [
    ["repository", repository.path],
    ...("folder" in destination ? [["dumps", destination.folder] as const] : []),
  ];
  const found = await Promise.all(places.map(async ([place, path]) => ({ place, ...(await diskOf(path)) })));
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

export const backups = defineStackSet({
  name: "backups",
  interval: 60,
  // It starts pgBackRest, which reads its repository.
  timeout: 30,
  failed: { howdah_backup_store_up: [[{}, 0]] },
  start: (job) => async () => {
    const [{ sets }, runs, space] = await Promise.all([readCatalog(repositoryOf(job)), readRuns(job), disks(job)]);
    return {
      ...backupMetrics({ sets, runs }),
      ...exporterMetrics(sets, job.repository.stanza),
      ...space,
      howdah_backup_store_up: [[{}, 1]],
      howdah_recovery_window_start_timestamp_seconds: single(windowStart(sets)),
      howdah_backup_interval_seconds: tierNames.flatMap((tier) => {
        const { schedule } = job.tiers[tier];
        return schedule === null ? [] : [[{ database: "", tier, kind: "" }, longestPause(schedule) / 1000] as const];
      }),
    };
  },
});

export const drills = defineStackSet({
  name: "drills",
  interval: 60,
  start: (job) => async () => {
    const found = await readDrills(job);
    const last = found.at(-1);
    return {
      ...drillMetrics(figuresOf(found), job.objectives),
      howdah_drill_last_run_timestamp_seconds: single(last && seconds(last.at)),
      howdah_drill_check_success: checkNames.flatMap((check) => {
        const failed = last?.cause?.check === check;
        const passed = last?.checks.some(({ name }) => name === check) === true;
        return failed || passed ? [[{ check }, Number(!failed)] as const] : [];
      }),
    };
  },
});

export const stack = defineStackSet({
  name: "stack",
  interval: 10,
  start: (job) => async () => {
    const { objectives, monitoring, servers, supervisor } = job;
    const planned = await Promise.all(
      plannedWork.map(async (work) => [{ work }, Number(await isPlanned({ directory: supervisor }, work))] as const),
    );
    return {
      howdah_objective_rto_seconds: single(objectives.rtoSeconds),
      howdah_objective_rpo_seconds: single(monitoring.rpoSeconds),
      howdah_objective_drill_seconds: single(objectives.drillSeconds),
      howdah_objective_point_in_time_seconds: single(objectives.pointInTimeSeconds),
      howdah_servers_declared: single(servers.length),
      howdah_planned_work: planned,
    };
  },
});
