import { join } from "node:path";
import { Gauge, Registry } from "prom-client";
import type { Job } from "../components/backup/job";
import { isPhysical, tierKinds, tierNames } from "../components/backup/tiers";
import { writeWhole } from "../tools/files";
import { type BackupRun, recallRuns } from "./backup-runs";
import { type DrillReport, recallDrills } from "./drill/report";
import { repositoryOf } from "./pgbackrest/command";
import { type ListedSet, readCatalog } from "./pgbackrest/sets";

/** What the metrics are computed from. */
export interface MetricsInput {
  readonly sets: readonly ListedSet[];
  readonly runs: readonly BackupRun[];
  readonly drills: readonly DrillReport[];
  readonly objectives: Pick<Job["objectives"], "drillSeconds" | "archiveSeconds">;
}

type Values = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

const seconds = (iso: string): number => Date.parse(iso) / 1000;

function backupMetrics({ sets, runs }: MetricsInput): [name: string, help: string, values: Values][] {
  const newest = (["full", "diff", "incr"] as const).flatMap(
    (kind) => sets.findLast((set) => set.kind === kind && set.sound) ?? [],
  );
  const byKind = (value: (set: ListedSet) => number): Values => newest.map((set) => [{ kind: set.kind }, value(set)]);
  const last = tierNames.flatMap((tier) => runs.findLast((run) => run.tier === tier) ?? []);
  return [
    [
      "howdah_backup_last_success_timestamp_seconds",
      "End of the newest sound physical backup, by kind.",
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
      "1 where the last run of a tier succeeded.",
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

function drillMetrics({ drills, objectives }: MetricsInput): [name: string, help: string, values: Values][] {
  const passed = drills.findLast((one) => one.passed);
  const last = drills.at(-1);
  const measured = drills.findLast((one) => one.passed && one.rpoSeconds !== undefined);
  const one = (value: number | undefined): Values => (value === undefined ? [] : [[{}, value]]);
  return [
    [
      "howdah_drill_last_success_timestamp_seconds",
      "End of the newest restore drill that found the backups good.",
      one(passed && seconds(passed.at)),
    ],
    [
      "howdah_drill_success",
      "1 where the last restore drill found the backups good.",
      one(last && Number(last.passed)),
    ],
    [
      "howdah_drill_rto_seconds",
      "From nothing to a server that takes writes, in the newest good drill.",
      one(passed?.rtoSeconds),
    ],
    [
      "howdah_drill_rpo_seconds",
      "From a commit to its arrival in the repository, as last measured.",
      one(measured?.rpoSeconds),
    ],
    ["howdah_drill_overdue_seconds", "Age at which a restore drill is overdue.", one(objectives.drillSeconds)],
    [
      "howdah_archive_timeout_seconds",
      "What the loss of every server at once may cost.",
      one(objectives.archiveSeconds),
    ],
  ];
}

/** Text for Prometheus, in its exposition format. */
export async function renderMetrics(input: MetricsInput): Promise<string> {
  const registry = new Registry();
  for (const [name, help, values] of [...backupMetrics(input), ...drillMetrics(input)]) {
    const labelNames = Object.keys(values[0]?.[0] ?? {});
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const [labels, value] of values) gauge.set(labels, value);
    if (values.length === 0) registry.removeSingleMetric(name);
  }
  return registry.metrics();
}

/** Writes the metrics of a stack's backups and drills for a textfile collector; readable by all, it holds no secret. */
export async function writeMetrics(job: Job): Promise<void> {
  const [{ sets }, runs, drills] = await Promise.all([
    readCatalog(repositoryOf(job)),
    recallRuns(job),
    recallDrills(job),
  ]);
  const text = await renderMetrics({ sets, runs, drills, objectives: job.objectives });
  writeWhole(join(job.folders.metrics, "howdah_backup.prom"), text, 0o644);
}
