import { z } from "zod";
import type { RemoteJob } from "../../components/backup/remote-job";
import { readRecord, recordsOf, writeRecord } from "../records";
import { type DrillReport, drillSchema } from "./report";

/** What the program reads of the newest drill; `components/ports.ts` calls it `Verified`. */
const latestSchema = z.object({
  /** Of the newest drill that found the dumps good, like both measurements; absent until there is one. */
  lastVerifiedAt: z.string().optional(),
  measuredRtoSeconds: z.number().optional(),
  measuredRpoSeconds: z.number().optional(),
  /** Whether the newest drill found them good. */
  passed: z.boolean(),
  report: drillSchema,
});

export type LatestDrill = z.output<typeof latestSchema>;

const latestName = "latest";

/** The newest drill, and the newest good one; undefined before the first. */
export const latestDrill = (job: Pick<RemoteJob, "logical">): Promise<LatestDrill | undefined> =>
  readRecord(recordsOf(job, "drills"), latestName, latestSchema);

/** What a report changes: a failed drill leaves standing what the last good one has shown. */
export function concluded(before: LatestDrill | undefined, report: DrillReport): LatestDrill {
  if (!report.passed) return { ...before, passed: false, report };
  const { at, rtoSeconds, rpoSeconds } = report;
  return {
    lastVerifiedAt: at,
    ...(rtoSeconds === undefined ? {} : { measuredRtoSeconds: rtoSeconds }),
    ...(rpoSeconds === undefined ? {} : { measuredRpoSeconds: rpoSeconds }),
    passed: true,
    report,
  };
}

/** Writes a drill down: under its time, and as the newest. */
export async function rememberDumpsDrill(job: RemoteJob, report: DrillReport): Promise<void> {
  const store = recordsOf(job, "drills");
  await writeRecord(store, report.at.replace(/\.\d+/, "").replaceAll(/[-:]/g, ""), report);
  await writeRecord(store, latestName, concluded(await latestDrill(job), report));
}
