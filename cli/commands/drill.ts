import { formatBytes, tableOf } from "../../lib/text/format";
import type { DrillReport } from "../drill/report";
import { exitCodes } from "../kit/answer";
import { defineCommand } from "../kit/command";
import { isRemoteJob } from "../kit/find-stack";
import { flag, option } from "../kit/options";

const seconds = (value: number | undefined): string => (value === undefined ? "not measured" : `${value.toFixed(1)} s`);

/** What the two measurements are. */
interface Terms {
  readonly rto: string;
  readonly rpo: string;
}

const physicalTerms: Terms = { rto: "restore and replay", rpo: "commit to repository" };
const dumpTerms: Terms = { rto: "download and restore", rpo: "age of the oldest dump" };

function describe(report: DrillReport, { rto, rpo }: Terms): string {
  const rows = report.checks.map(({ name, detail }) => [name, "good", detail]);
  const failed = report.cause === undefined ? [] : [[report.cause.check, "BAD", report.cause.reason]];
  return [
    tableOf(["check", "", ""], [...rows, ...failed]),
    `backup ${report.set}, ${formatBytes(report.size)}: ${report.passed ? "it can be restored" : "IT CANNOT BE RELIED ON"}`,
    `RTO ${seconds(report.rtoSeconds)} (${rto}) · RPO ${seconds(report.rpoSeconds)} (${rpo})`,
  ].join("\n");
}

export const drill = defineCommand({
  name: "drill",
  group: "backups",
  summary: "Test-restore a backup to a throwaway server and verify it",
  description:
    "Restore a backup, or the newest dumps of a cloud's databases, to a throwaway server, verify the data, and measure how long it took",
  on: ["cluster", "database"],
  options: {
    set: option("<label>", "label of a backup, or `random`, or name of a dump; default: the newest"),
    quick: flag("switch the WAL at once, without measuring the RPO"),
  },
  codes: { unsound: "the backup cannot be relied on" },
  run: async ({ job, context }, { set, quick }) => {
    const { runDrill } = await import("../drill/run.js");
    const report = await runDrill(job, { quick, ...(set === undefined ? {} : { set }) }, context);
    const text = describe(report, isRemoteJob(job) ? dumpTerms : physicalTerms);
    return { data: report, text, code: report.passed ? exitCodes.ok : exitCodes.unsound };
  },
});
