import { z } from "zod";
import type { LocalStackFile, RemoteStackFile } from "../../contracts/stack-file";
import { tierNames } from "../../contracts/tiers";
import { readHistory, appendHistory } from "./history";
import { readRecord, recordNames, recordsOf, writeRecord } from "./records";

const runSchema = z.object({
  /** When it ended; ISO 8601. */
  at: z.string(),
  tier: z.enum(tierNames),
  passed: z.boolean(),
  seconds: z.number(),
  /** Backup that was taken, or why none was. */
  detail: z.string(),
});

/** One run of `howdah backup`, whatever came of it. */
export type BackupRun = z.output<typeof runSchema>;

const file = "backups.jsonl";

export const recordRun = ({ folders }: LocalStackFile, run: BackupRun): Promise<void> =>
  appendHistory(folders.history, file, run);

/** Every run on record, oldest first. */
export const readRuns = ({ folders }: LocalStackFile): Promise<BackupRun[]> =>
  readHistory(folders.history, file, runSchema);

const dumpRunSchema = runSchema.extend({ database: z.string() });

/** One run for one database of a cloud's. */
export type DumpRun = z.output<typeof dumpRunSchema>;

/** Keeps the newest run of each database and tier. */
export const recordDumpRun = (job: RemoteStackFile, run: DumpRun): Promise<void> =>
  writeRecord(recordsOf(job, "runs"), `${encodeURIComponent(run.database)}-${run.tier}`, run);

/** The newest run of each database and tier. */
export async function readDumpRuns(job: RemoteStackFile): Promise<DumpRun[]> {
  const store = recordsOf(job, "runs");
  const runs = await Promise.all((await recordNames(store)).map((name) => readRecord(store, name, dumpRunSchema)));
  return runs.filter((run) => run !== undefined);
}
