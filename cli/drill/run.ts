import type { StackFile } from "../../contracts/stack-file";
import { Refusal } from "../../lib/errors";
import type { Context } from "../kit/answer";
import { isRemoteJob } from "../kit/find-stack";
import { tell } from "../kit/notify";
import { writeMetrics } from "../metrics/textfile";
import { drill, type DrillRequest } from "./drill";
import { drillDumps } from "./dumps/drill";
import type { DrillReport } from "./report";

async function perform(job: StackFile, request: DrillRequest, context: Context): Promise<DrillReport> {
  if (isRemoteJob(job)) {
    if (request.quick) throw new Refusal("--quick is about WAL, and dumps have none");
    return drillDumps(job, request.set, context);
  }
  const report = await drill(job, request, context);
  await writeMetrics(job);
  return report;
}

/** Does a drill of either kind of stack; one that fails is told to the webhook. @throws Refusal if there is nothing to restore */
export async function runDrill(job: StackFile, request: DrillRequest, context: Context): Promise<DrillReport> {
  const report = await perform(job, request, context);
  if (report.cause !== undefined) {
    const detail = `${report.set}: ${report.cause.check}: ${report.cause.reason}`;
    await tell(job, { what: "drill", outcome: "failed", detail }, context);
  }
  return report;
}
