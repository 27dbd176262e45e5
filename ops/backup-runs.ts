import { z } from "zod";
import type { Job } from "../components/backup/job";
import { tierNames } from "../components/backup/tiers";
import { recall, remember } from "./history";

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

export const rememberRun = ({ folders }: Job, run: BackupRun): Promise<void> => remember(folders.history, file, run);

/** Every run on record, oldest first. */
export const recallRuns = ({ folders }: Job): Promise<BackupRun[]> => recall(folders.history, file, runSchema);
