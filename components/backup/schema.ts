import { z } from "zod";

const cron = z
  .string()
  .regex(/^(\S+ ){4}\S+$/, { error: 'five cron fields in UTC, such as "0 1 * * 0" (Sundays at one)' });

export const backupSchema = z.strictObject({
  /** How many backups of each kind are kept; WAL is kept for as long as they need it. */
  retention: z
    .strictObject({ full: z.int().min(1).max(400).default(2), differential: z.int().min(1).max(400).default(7) })
    .prefault({}),
  /** When each kind is taken (cron, UTC). */
  schedule: z
    .strictObject({
      full: cron.default("0 1 * * 0"),
      differential: cron.default("0 1 * * 1-6"),
      incremental: cron.default("0 2-23 * * *"),
    })
    .prefault({}),
});

export type BackupSettings = z.output<typeof backupSchema>;
