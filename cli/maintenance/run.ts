import type { Context } from "../kit/answer";
import type { StackFile } from "../../contracts/stack-file";
import { notifyOfFailure } from "../kit/notify";
import { type DatabaseMaintenance, maintain, type MaintenanceRequest } from "./maintain";
import type { Done } from "./task";

/** What a run of the maintenance has come to. */
export interface MaintenanceReport {
  readonly databases: readonly DatabaseMaintenance[];
  /** Nothing is left for the next run. */
  readonly complete: boolean;
  readonly failed: readonly Done[];
}

/** Maintains all databases; tasks that fail are told to the webhook. @throws as `maintain` */
export async function runMaintenance(
  job: StackFile,
  request: MaintenanceRequest,
  context: Context,
): Promise<MaintenanceReport> {
  const databases = await maintain(job, request, context);
  const failed = databases.flatMap(({ tasks }) =>
    tasks.flatMap((task) => ("outcome" in task && task.outcome === "failed" ? [task] : [])),
  );
  if (failed.length > 0) {
    const detail = failed.map(({ name, detail = "" }) => `${name}: ${detail}`).join("; ");
    await notifyOfFailure(job, { what: "maintenance", outcome: "failed", detail }, context);
  }
  const complete = databases.every(({ tasks }) => tasks.every((task) => "outcome" in task && task.outcome === "done"));
  return { databases, complete, failed };
}
