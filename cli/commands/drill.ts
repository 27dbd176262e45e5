import type { Command } from "commander";
import { messageOf } from "../../lib/errors";
import { isMisuse } from "../drill/attempt";
import { drill, type DrillRequest } from "../drill/drill";
import { drillDumps } from "../drill/dumps/drill";
import type { DrillReport } from "../drill/report";
import { type AnyJob, isRemoteJob } from "../kit/find-stack";
import { formatBytes } from "../../lib/format";
import { writeMetrics } from "../metrics/textfile";
import { tell } from "../kit/tell";
import { exitCodes, Misuse } from "../kit/refusal";
import { type Answer, runAnyVerb, type Surroundings } from "../kit/run-verb";
import { tableOf } from "../../lib/table";

interface DrillWords {
  readonly set?: string;
  readonly quick?: boolean;
}

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

async function perform({ job, context }: Surroundings<AnyJob>, words: DrillWords): Promise<DrillReport> {
  const { set, quick = false } = words;
  if (isRemoteJob(job)) {
    if (quick) throw new Misuse("--quick is about WAL, and dumps have none");
    return drillDumps(job, set, context);
  }
  const request: DrillRequest = { quick, ...(set === undefined ? {} : { set }) };
  const report = await drill(job, request, context).catch(async (error: unknown) => {
    // The error says more than what could be wrong with these.
    await writeMetrics(job).catch(() => undefined);
    throw error;
  });
  await writeMetrics(job);
  return report;
}

/** Tells of a drill that came to no end; of one that somebody has misspelt, or ended himself, he knows. */
async function failed({ job, context }: Surroundings<AnyJob>, error: unknown): Promise<void> {
  if (isMisuse(error) || context.signal.aborted) return;
  await tell(job, { what: "drill", outcome: "failed", detail: messageOf(error) }, context);
}

async function run(given: Surroundings<AnyJob>, words: DrillWords): Promise<Answer> {
  const { job, context } = given;
  const report = await perform(given, words).catch(async (error: unknown) => {
    await failed(given, error);
    throw error;
  });
  if (report.cause !== undefined) {
    const detail = `${report.set}: ${report.cause.check}: ${report.cause.reason}`;
    await tell(job, { what: "drill", outcome: "failed", detail }, context);
  }
  const text = describe(report, isRemoteJob(job) ? dumpTerms : physicalTerms);
  return { data: report, text, code: report.passed ? exitCodes.ok : exitCodes.unsound };
}

/** `howdah drill`. */
export function registerDrill(program: Command): void {
  const command = program
    .command("drill")
    .description(
      "Restore a backup, or the newest dumps of a cloud's databases, to a throwaway server, look whether everything is there, and measure how long it took",
    )
    .option("--set <label>", "a backup by its label, or `random`, or a dump by its name; default: the newest")
    .option("--quick", "switch the WAL at once; the RPO is not measured then");
  command.action((words: DrillWords) => runAnyVerb(command, (given) => run(given, words)));
}
