import type { Command } from "commander";
import { type LatestDrill, latestDrill } from "../drill/dumps/record";
import { type DrillReport, ownFailure, recallDrills } from "../drill/report";
import { type AnyJob, isRemoteJob } from "../kit/find-stack";
import { formatBytes, formatSpan, formatTime } from "../../lib/format";
import { listLogically } from "../dumps/store/list";
import type { Manifest } from "../dumps/store/manifest";
import { repositoryOf } from "../pgbackrest/command";
import { readCatalog } from "../pgbackrest/sets";
import { type Answer, runAnyVerb, type Surroundings } from "../kit/run-verb";
import { tableOf } from "../../lib/table";

/** The newest drill of a backup, as a word and a time. */
function verdictOf(label: string, drills: readonly DrillReport[]): { verified: boolean | null; at?: string } {
  // A drill that did not come to an end says nothing about the backup.
  const last = drills.findLast(({ set, cause }) => set === label && cause?.check !== ownFailure);
  return last === undefined ? { verified: null } : { verified: last.passed, at: last.at };
}

const verdictText = ({ verified, at }: ReturnType<typeof verdictOf>): string =>
  verified === null ? "not yet" : `${verified ? "yes" : "NO"}, ${formatTime(Date.parse(at ?? ""))}`;

async function physicalBackups(job: AnyJob) {
  if (isRemoteJob(job)) return [];
  const [{ sets }, drills] = await Promise.all([readCatalog(repositoryOf(job)), recallDrills(job)]);
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

type Physical = Awaited<ReturnType<typeof physicalBackups>>;

const physicalTable = (physical: Physical): string =>
  tableOf(
    ["backup", "kind", "tier", "age", "cluster", "added", "WAL it needs", "restore verified"],
    physical.map((one) => [
      one.label,
      one.sound ? one.kind : `${one.kind}, bad pages`,
      one.tier ?? "",
      formatSpan(one.ageSeconds * 1000),
      formatBytes(one.sizeBytes),
      formatBytes(one.repositoryBytes),
      one.walStart === one.walStop ? one.walStart : `${one.walStart} to ${one.walStop.slice(16)}`,
      verdictText(one),
    ]),
  );

const dumpTable = (dumps: readonly Manifest[]): string =>
  tableOf(
    ["dump", "database", "kind", "tier", "age", "size"],
    dumps.map((one) => [
      one.name,
      one.database,
      one.kind,
      one.tier,
      formatSpan(Date.now() - Date.parse(one.endedAt)),
      formatBytes(one.size),
    ]),
  );

const drillText = (latest: LatestDrill | undefined): string => {
  if (latest === undefined) return "no drill has restored a dump yet";
  const { report, lastVerifiedAt } = latest;
  const verdict = latest.passed ? "restored" : `FAILED at ${report.cause?.check ?? ""}`;
  const last = latest.passed ? "" : `; last good: ${lastVerifiedAt ?? "never"}`;
  return `drill of ${formatTime(Date.parse(report.at))}: ${verdict}: ${report.set}${last}`;
};

async function list({ job }: Surroundings<AnyJob>): Promise<Answer> {
  const [physical, { backups: logical, unusable }, drill] = await Promise.all([
    physicalBackups(job),
    listLogically(job),
    isRemoteJob(job) ? latestDrill(job) : undefined,
  ]);
  const parts = [
    ...(isRemoteJob(job) ? [] : [physicalTable(physical)]),
    ...(isRemoteJob(job) || logical.length > 0 ? [dumpTable(logical)] : []),
    ...unusable.map(({ name, reason }) => `${name}: ${reason}`),
    ...(isRemoteJob(job) ? [drillText(drill)] : []),
  ];
  const data = { physical, logical, unusable, ...(isRemoteJob(job) ? { drill: drill ?? null } : {}) };
  return { data, text: parts.join("\n") };
}

/** `howdah backups`. */
export function registerBackups(program: Command): void {
  const command = program
    .command("backups")
    .description("List the backups: age, size, WAL, and whether a drill has restored them");
  command.action(() => runAnyVerb(command, list));
}
