import { z } from "zod";

const cron = z
  .string()
  .regex(/^(\S+ ){4}\S+$/, { error: 'five cron fields in UTC, such as "0 1 * * 0" (Sundays at one)' });

export const backupSchema = z
  .strictObject({
    retention: z
      .strictObject({
        full: z.int().min(1).max(400).default(2).describe("Full backups kept."),
        differential: z.int().min(1).max(400).default(7).describe("Differential backups kept."),
      })
      .prefault({})
      .describe("How many backups of each kind are kept; WAL is kept for as long as they need it."),
    schedule: z
      .strictObject({
        full: cron.default("0 1 * * 0").describe("Full backups."),
        differential: cron.default("0 1 * * 1-6").describe("Differential backups."),
        incremental: cron.default("0 2-23 * * *").describe("Incremental backups."),
      })
      .prefault({})
      .describe("When each kind is taken (cron, UTC)."),
  })
  .describe("Backups: what is kept and when they are taken.");

export type BackupSettings = z.output<typeof backupSchema>;
