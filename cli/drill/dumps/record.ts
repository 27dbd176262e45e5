import type { z } from "zod";
import { drillFolder, drillRecordSchema, latestDrillName } from "../../../contracts/drill-record";
import type { RemoteStackFile } from "../../../contracts/stack-file";
import { readRecord, recordsOf, writeRecord } from "../../records/records";
import { type DrillReport, drillSchema } from "../report";

const latestSchema = drillRecordSchema.extend({ report: drillSchema });

export type LatestDrill = z.output<typeof latestSchema>;

/** The newest drill, and the newest good one; undefined before the first. */
export const latestDrill = (job: Pick<RemoteStackFile, "logical">): Promise<LatestDrill | undefined> =>
  readRecord(recordsOf(job, drillFolder), latestDrillName, latestSchema);

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
export async function recordDumpsDrill(job: RemoteStackFile, report: DrillReport): Promise<void> {
  const store = recordsOf(job, drillFolder);
  await writeRecord(store, report.at.replace(/\.\d+/, "").replaceAll(/[-:]/g, ""), report);
  await writeRecord(store, latestDrillName, concluded(await latestDrill(job), report));
}
