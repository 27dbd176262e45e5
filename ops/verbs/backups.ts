import type { Command } from "commander";
import { type DrillReport, recallDrills } from "../drill/report";
import { formatBytes, formatSpan, formatTime } from "../format";
import { listLogically } from "../logical/list";
import { repositoryOf } from "../pgbackrest/command";
import { readCatalog } from "../pgbackrest/sets";
import { type Answer, runVerb, type Surroundings } from "../run-verb";
import { tableOf } from "../table";

/** The newest drill of a backup, as a word and a time. */
function verdictOf(label: string, drills: readonly DrillReport[]): { verified: boolean | null; at?: string } {
  const last = drills.findLast(({ set }) => set === label);
  return last === undefined ? { verified: null } : { verified: last.passed, at: last.at };
}

const verdictText = ({ verified, at }: ReturnType<typeof verdictOf>): string =>
  verified === null ? "not yet" : `${verified ? "yes" : "NO"}, ${formatTime(Date.parse(at ?? ""))}`;

async function physicalBackups({ job }: Surroundings) {
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

async function list(given: Surroundings): Promise<Answer> {
  const [physical, { backups: logical, unusable }] = await Promise.all([
    physicalBackups(given),
    listLogically(given.job),
  ]);
  const parts = [
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
    ),
    ...(logical.length === 0
      ? []
      : [
          tableOf(
            ["dump", "database", "kind", "tier", "age", "size"],
            logical.map((one) => [
              one.name,
              one.database,
              one.kind,
              one.tier,
              formatSpan(Date.now() - Date.parse(one.endedAt)),
              formatBytes(one.size),
            ]),
          ),
        ]),
    ...unusable.map(({ name, reason }) => `${name}: ${reason}`),
  ];
  return { data: { physical, logical, unusable }, text: parts.join("\n") };
}

/** `howdah backups`. */
export function registerBackups(program: Command): void {
  const command = program
    .command("backups")
    .description("List the backups: age, size, WAL, and whether a drill has restored them");
  command.action(() => runVerb(command, list));
}
