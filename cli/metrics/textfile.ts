import { join } from "node:path";
import { Gauge, Registry } from "prom-client";
import type { LocalStackFile } from "../../contracts/stack-file";
import { isPhysical, tierKinds, tierNames } from "../../contracts/tiers";
import { writeWhole } from "../../lib/files";
import { type BackupRun, readRuns } from "../records/backup-runs";
import { type DrillReport, readDrills } from "../drill/report";
import { repositoryOf } from "../pgbackrest/command";
import { type ListedSet, readCatalog } from "../pgbackrest/sets";

/** What the metrics are computed from. */
export interface MetricsInput {
  readonly sets: readonly ListedSet[];
  readonly runs: readonly BackupRun[];
  readonly drills: readonly DrillReport[];
  readonly objectives: Pick<LocalStackFile["objectives"], "drillSeconds" | "archiveSeconds">;
}

type Values = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

/** A metric with its help and its values; one without values is left out. */
export type Metric = readonly [name: string, help: string, values: Values];

/** Seconds since the epoch. */
export const seconds = (iso: string): number => Date.parse(iso) / 1000;

function backupMetrics({ sets, runs }: MetricsInput): Metric[] {
  const newest = (["full", "diff", "incr"] as const).flatMap(
    (kind) => sets.findLast((set) => set.kind === kind && set.sound) ?? [],
  );
  const byKind = (value: (set: ListedSet) => number): Values => newest.map((set) => [{ kind: set.kind }, value(set)]);
  const last = tierNames.flatMap((tier) => runs.findLast((run) => run.tier === tier) ?? []);
  return [
    [
      "howdah_backup_last_success_timestamp_seconds",
      "End of the newest intact physical backup, by kind.",
      byKind(({ stoppedAt }) => stoppedAt / 1000),
    ],
    [
      "howdah_backup_size_bytes",
      "Size of the cluster in the newest physical backup, by kind.",
      byKind(({ size }) => size),
    ],
    [
      "howdah_backup_repository_bytes",
      "What the newest physical backup added to the repository, by kind.",
      byKind(({ added }) => added),
    ],
    [
      "howdah_backup_duration_seconds",
      "Duration of the newest physical backup, by kind.",
      byKind((set) => (set.stoppedAt - set.startedAt) / 1000),
    ],
    ["howdah_backups", "Physical backups in the repository.", [[{}, sets.length]]],
    [
      "howdah_backup_run_success",
      "1 if the last run of a tier succeeded.",
      last.map(({ tier, passed }) => [
        { tier, kind: isPhysical(tierKinds[tier]) ? "physical" : "logical" },
        Number(passed),
      ]),
    ],
    [
      "howdah_backup_run_timestamp_seconds",
      "End of the last run of a tier.",
      last.map(({ tier, at }) => [{ tier }, seconds(at)]),
    ],
  ];
}

/** What a drill has shown, as gauges. */
export interface DrillFigures {
  /** Seconds since the epoch; of the newest good drill, like the measurements. */
  readonly lastSuccess?: number | undefined;
  readonly success?: boolean | undefined;
  readonly rtoSeconds?: number | undefined;
  readonly rpoSeconds?: number | undefined;
}

/** Metrics of drills, alike for physical backups and for dumps. */
export function drillMetrics(figures: DrillFigures, objectives: MetricsInput["objectives"]): Metric[] {
  const one = (value: number | undefined): Values => (value === undefined ? [] : [[{}, value]]);
  const { lastSuccess, success, rtoSeconds, rpoSeconds } = figures;
  return [
    [
      "howdah_drill_last_success_timestamp_seconds",
      "End of the newest restore drill that succeeded.",
      one(lastSuccess),
    ],
    [
      "howdah_drill_success",
      "1 if the last restore drill succeeded.",
      one(success === undefined ? undefined : Number(success)),
    ],
    [
      "howdah_drill_rto_seconds",
      "Time from the start of a restore until the server accepts writes, in the newest successful drill.",
      one(rtoSeconds),
    ],
    [
      "howdah_drill_rpo_seconds",
      "Time from a commit to its arrival in the repository, as last measured; for dumps, the age of the oldest.",
      one(rpoSeconds),
    ],
    ["howdah_drill_overdue_seconds", "Age at which a restore drill is overdue.", one(objectives.drillSeconds)],
    [
      "howdah_archive_timeout_seconds",
      "Data that may be lost if all servers are lost at once.",
      one(objectives.archiveSeconds),
    ],
  ];
}

function figuresOf(drills: readonly DrillReport[]): DrillFigures {
  const passed = drills.findLast((one) => one.passed);
  return {
    lastSuccess: passed && seconds(passed.at),
    success: drills.at(-1)?.passed,
    rtoSeconds: passed?.rtoSeconds,
    rpoSeconds: drills.findLast((one) => one.passed && one.rpoSeconds !== undefined)?.rpoSeconds,
  };
}

/** Text for Prometheus, in its exposition format. */
export function renderText(metrics: readonly Metric[]): Promise<string> {
  const registry = new Registry();
  for (const [name, help, values] of metrics) {
    if (values.length === 0) continue;
    const labelNames = Object.keys(values[0]?.[0] ?? {});
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const [labels, value] of values) gauge.set(labels, value);
  }
  return registry.metrics();
}

/** The metrics of a cluster of this machine. */
export const renderMetrics = (input: MetricsInput): Promise<string> =>
  renderText([...backupMetrics(input), ...drillMetrics(figuresOf(input.drills), input.objectives)]);

/** Writes the metrics of a stack's backups and drills for a textfile collector; readable by all, it holds no secret. */
export async function writeMetrics(job: LocalStackFile): Promise<void> {
  const [{ sets }, runs, drills] = await Promise.all([readCatalog(repositoryOf(job)), readRuns(job), readDrills(job)]);
  const text = await renderMetrics({ sets, runs, drills, objectives: job.objectives });
  writeWhole(join(job.folders.metrics, "howdah_backup.prom"), text, 0o644);
}
