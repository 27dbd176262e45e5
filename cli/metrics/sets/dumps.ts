import type { RemoteStackFile } from "../../../contracts/stack-file";
import { tierKinds } from "../../../contracts/tiers";
import { latestDrill } from "../../drill/dumps/record";
import { listLogically } from "../../dumps/store/list";
import type { Manifest } from "../../dumps/store/manifest";
import { type DumpRun, readDumpRuns } from "../../records/backup-runs";
import { seconds, type SeriesOf } from "../series";
import { defineStackSet } from "../stack-set";
import { drillMetrics, median } from "../textfile";
import { scheduled } from "./backups";

const labelsOf = ({ database, tier }: Pick<Manifest, "database" | "tier">) => ({
  database,
  tier,
  kind: tierKinds[tier],
});

/** The dumps of each database and tier, the newest first. */
const byTier = (dumps: readonly Manifest[]): readonly (readonly [Manifest, ...Manifest[]])[] => {
  const groups = new Map<string, [Manifest, ...Manifest[]]>();
  for (const one of dumps) {
    const key = JSON.stringify(labelsOf(one));
    const before = groups.get(key);
    if (before === undefined) groups.set(key, [one]);
    else before.push(one);
  }
  return [...groups.values()];
};

/** What dumps tell. @param dumps the newest first */
export function dumpMetrics(dumps: readonly Manifest[]): SeriesOf<"backups"> {
  const groups = byTier(dumps);
  const each = (value: (newest: Manifest, all: readonly Manifest[]) => number) =>
    groups.map((all) => [labelsOf(all[0]), value(all[0], all.toReversed())] as const);
  return {
    howdah_backup_last_success_timestamp_seconds: each(({ endedAt }) => seconds(endedAt)),
    howdah_backup_size_bytes: each(({ size }) => size),
    howdah_backup_size_median_bytes: each((_newest, all) => median(all.map(({ size }) => size))),
    howdah_backup_duration_seconds: each(({ durationSeconds }) => durationSeconds),
    howdah_backup_duration_median_seconds: each((_newest, all) =>
      median(all.map(({ durationSeconds }) => durationSeconds)),
    ),
    howdah_backups: each((_newest, all) => all.length),
  };
}

/** What the records of the dumps' runs tell. */
export function dumpRunMetrics(runs: readonly DumpRun[]): SeriesOf<"backup runs"> {
  const each = (value: (run: DumpRun) => number) => runs.map((run) => [labelsOf(run), value(run)] as const);
  return {
    howdah_backup_run_success: each(({ passed }) => Number(passed)),
    howdah_backup_run_timestamp_seconds: each(({ at }) => seconds(at)),
  };
}

/** Seconds: dumps come by the hour, and every look into a bucket costs requests. */
const interval = 60;
/** Seconds for a listing, and an object for each dump. */
const timeout = 30;

/** The dumps of a cloud's stack. */
export const dumps = defineStackSet({
  name: "backups",
  interval,
  timeout,
  failed: { howdah_backup_store_up: [[{}, 0]] },
  start: (job: RemoteStackFile) => async () => {
    const { backups } = await listLogically(job);
    return {
      ...dumpMetrics(backups.filter(({ stack }) => stack === job.stack)),
      howdah_backup_store_up: [[{}, 1]],
    };
  },
});

/** The runs of the dumps. */
export const dumpRuns = defineStackSet({
  name: "backup runs",
  interval,
  timeout,
  start: (job: RemoteStackFile) => {
    const intervals = scheduled(job, ["logical", "schema"]);
    return async () => ({
      ...dumpRunMetrics(await readDumpRuns(job)),
      howdah_backup_interval_seconds: intervals,
    });
  },
});

/** Drills of dumps. */
export const dumpDrills = defineStackSet({
  name: "drills",
  interval,
  timeout,
  start: (job: RemoteStackFile) => async () => {
    const drill = await latestDrill(job);
    const figures = {
      lastSuccess: drill?.lastVerifiedAt === undefined ? undefined : seconds(drill.lastVerifiedAt),
      success: drill?.passed,
      rtoSeconds: drill?.measuredRtoSeconds,
      rpoSeconds: drill?.measuredRpoSeconds,
    };
    return drillMetrics(figures, job.objectives.drillSeconds);
  },
});
