import { formatBytes, formatSpan, formatTime, tableOf } from "../../lib/text/format";
import type { BackupList, PhysicalBackup } from "../backups/list";
import { defineCommand } from "../kit/command";

const verdict = ({ verified, at }: PhysicalBackup): string =>
  verified === null ? "not yet" : `${verified ? "yes" : "NO"}, ${formatTime(Date.parse(at ?? ""))}`;

const physicalTable = (backups: BackupList["physical"]): string =>
  tableOf(
    ["backup", "kind", "tier", "age", "cluster", "added", "WAL it needs", "restore verified"],
    backups.map((one) => [
      one.label,
      one.sound ? one.kind : `${one.kind}, bad pages`,
      one.tier ?? "",
      formatSpan(one.ageSeconds * 1000),
      formatBytes(one.sizeBytes),
      formatBytes(one.repositoryBytes),
      one.walStart === one.walStop ? one.walStart : `${one.walStart} to ${one.walStop.slice(16)}`,
      verdict(one),
    ]),
  );

const dumpTable = (dumps: BackupList["logical"]): string =>
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

function drillText(latest: NonNullable<BackupList["drill"]> | null): string {
  if (latest === null) return "no drill has restored a dump yet";
  const { report, lastVerifiedAt } = latest;
  const outcome = latest.passed ? "restored" : `FAILED at ${report.cause?.check ?? ""}`;
  const last = latest.passed ? "" : `; last good: ${lastVerifiedAt ?? "never"}`;
  return `drill of ${formatTime(Date.parse(report.at))}: ${outcome}: ${report.set}${last}`;
}

/** `drill` is there for a cloud's database, which has dumps only. */
function describe({ physical, logical, unusable, drill }: BackupList): string {
  return [
    ...(drill === undefined ? [physicalTable(physical)] : []),
    ...(drill !== undefined || logical.length > 0 ? [dumpTable(logical)] : []),
    ...unusable.map(({ name, reason }) => `${name}: ${reason}`),
    ...(drill === undefined ? [] : [drillText(drill)]),
  ].join("\n");
}

export const backups = defineCommand({
  name: "backups",
  group: "backups",
  summary: "List the backups: age, size, WAL, and whether a drill has restored them",
  on: ["cluster", "database"],
  run: async ({ job }) => {
    const { listAll } = await import("../backups/list.js");
    const found = await listAll(job);
    return { data: found, text: describe(found) };
  },
});
