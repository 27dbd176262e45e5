import type { Command } from "commander";
import { drill, type DrillRequest } from "../drill/drill";
import type { DrillReport } from "../drill/report";
import { formatBytes } from "../format";
import { writeMetrics } from "../metrics";
import { tell } from "../tell";
import { exitCodes } from "../refusal";
import { type Answer, runVerb, type Surroundings } from "../run-verb";
import { tableOf } from "../table";

interface DrillWords {
  readonly set?: string;
  readonly quick?: boolean;
}

const seconds = (value: number | undefined): string => (value === undefined ? "not measured" : `${value.toFixed(1)} s`);

function describe(report: DrillReport): string {
  const rows = report.checks.map(({ name, detail }) => [name, "good", detail]);
  const failed = report.cause === undefined ? [] : [[report.cause.check, "BAD", report.cause.reason]];
  return [
    tableOf(["check", "", ""], [...rows, ...failed]),
    `backup ${report.set}, ${formatBytes(report.size)}: ${report.passed ? "it can be restored" : "IT CANNOT BE RELIED ON"}`,
    `RTO ${seconds(report.rtoSeconds)} (restore and replay) · RPO ${seconds(report.rpoSeconds)} (commit to repository)`,
  ].join("\n");
}

async function run({ job, context }: Surroundings, { set, quick = false }: DrillWords): Promise<Answer> {
  const request: DrillRequest = { quick, ...(set === undefined ? {} : { set }) };
  const report = await drill(job, request, context);
  await writeMetrics(job);
  if (report.cause !== undefined) {
    const detail = `${report.set}: ${report.cause.check}: ${report.cause.reason}`;
    await tell(job, { what: "drill", outcome: "failed", detail }, context);
  }
  return { data: report, text: describe(report), code: report.passed ? exitCodes.ok : exitCodes.unsound };
}

/** `howdah drill`. */
export function registerDrill(program: Command): void {
  const command = program
    .command("drill")
    .description(
      "Restore a backup to a throwaway server, look whether everything is there, and measure how long it took",
    )
    .option("--set <label>", "a backup by its label, or `random`; default: the newest")
    .option("--quick", "switch the WAL at once; the RPO is not measured then");
  command.action((words: DrillWords) => runVerb(command, (given) => run(given, words)));
}
