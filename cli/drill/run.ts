import type { StackFile } from "../../contracts/stack-file";
import { messageOf, Misuse } from "../../lib/errors";
import type { Context } from "../kit/answer";
import { isRemoteJob } from "../kit/find-stack";
import { notifyOfFailure } from "../kit/notify";
import { writeMetrics } from "../metrics/textfile";
import { isMisuse } from "./attempt";
import { drill, type DrillRequest } from "./drill";
import { drillDumps } from "./dumps/drill";
import type { DrillReport } from "./report";

async function perform(job: StackFile, request: DrillRequest, context: Context): Promise<DrillReport> {
  if (isRemoteJob(job)) {
    if (request.quick) throw new Misuse("--quick only affects WAL, and dumps have none");
    return drillDumps(job, request.set, context);
  }
  const report = await drill(job, request, context).catch(async (error: unknown) => {
    // The error says more than what could be wrong with these.
    await writeMetrics(job).catch(() => undefined);
    throw error;
  });
  await writeMetrics(job);
  return report;
}

/** Reports a drill that did not finish, unless the user misspelt or cancelled it. */
async function failed(job: StackFile, error: unknown, context: Context): Promise<void> {
  if (isMisuse(error) || context.signal.aborted) return;
  await notifyOfFailure(job, { what: "drill", outcome: "failed", detail: messageOf(error) }, context);
}

/** Runs a drill of either kind of stack, and notifies the webhook if it fails. @throws Refusal if there is nothing to restore */
export async function runDrill(job: StackFile, request: DrillRequest, context: Context): Promise<DrillReport> {
  const report = await perform(job, request, context).catch(async (error: unknown) => {
    await failed(job, error, context);
    throw error;
  });
  if (report.cause !== undefined) {
    const detail = `${report.set}: ${report.cause.check}: ${report.cause.reason}`;
    await notifyOfFailure(job, { what: "drill", outcome: "failed", detail }, context);
  }
  return report;
}
