import { isAbsolute } from "node:path";
import { z } from "zod";
import { duration } from "../../lib/values";
import { isCron } from "./cron";
import { s3Endpoint, s3Prefix } from "../../contracts/s3";
import { profiles } from "../../contracts/tiers";

const cron = z
  .string()
  .refine(isCron, { error: 'five cron fields in UTC, such as "0 1 * * 0" (Sundays at one)' })
  .meta({ examples: ["0 1 * * 0"] });

const file = z.string().refine(isAbsolute, { error: "an absolute path" });

const tier = z.strictObject({
  schedule: cron
    .nullable()
    .optional()
    .describe("When backups of this tier are taken (cron, UTC); null for on demand only."),
  kept: duration({ min: "1 hour" }).optional().describe("Minimum time that each backup is kept."),
});

const tiers = z
  .strictObject({
    hourly: tier.optional().describe("Incremental backups."),
    daily: tier.optional().describe("Differential backups."),
    weekly: tier.optional().describe("Full backups."),
    monthly: tier.optional().describe("Full backups for long-term retention."),
    preMaintenance: tier.optional().describe("Manual backups, and those before and after every restore in place."),
    logical: tier.optional().describe("Dumps, one per database."),
    schema: tier.optional().describe("Dumps of the schema alone, one per database."),
  })
  .prefault({})
  .describe("Overrides of the profile, by tier.");

const destination = z.union(
  [
    z.strictObject({ folder: file.describe("Folder that the service user can write to.") }),
    z.strictObject({
      s3: z
        .strictObject({
          bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: "the name of a bucket" }),
          prefix: s3Prefix.default("").describe("Prefix of the keys."),
          region: z
            .string()
            .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'a region such as "eu-central-1"' })
            .describe("Region of the bucket."),
          endpoint: s3Endpoint.optional().describe("Another S3-compatible service: https, or http on this machine."),
          credentialsFile: file.optional().describe("AWS credentials file; default: the usual chain."),
        })
        .describe("A bucket."),
    }),
  ],
  { error: 'either {"folder": "/path"} or {"s3": {"bucket": …, "region": …}}' },
);

export const backupSchema = z
  .strictObject({
    profile: z
      .enum(profiles)
      .optional()
      .describe("Default settings of the tiers. Default: development on this machine, otherwise production."),
    tiers,
    pointInTime: duration({ min: "1 day", max: "365 days" })
      .optional()
      .describe("Window for point-in-time recovery. Default: 7, 14 or 30 days, depending on the profile."),
    drill: z
      .strictObject({
        schedule: cron.default("0 5 * * *").describe("When a test restore runs (cron, UTC)."),
        overdue: duration({ min: "1 hour" })
          .default("8 days")
          .describe("Age at which `howdah health` reports the last drill as overdue."),
      })
      .prefault({})
      .describe("The restore drill."),
    logical: z
      .strictObject({
        destination: destination
          .optional()
          .describe("Where dumps are stored. Default: a folder next to the repository."),
        recipient: z
          .string()
          .regex(/^age1[02-9ac-hj-np-z]{58}$/, { error: "an age recipient: age1…" })
          .optional()
          .describe("Public key that dumps are encrypted to. Default: the stack's own key pair."),
      })
      .prefault({})
      .describe("Dumps per database."),
    notify: z
      .strictObject({
        urlFile: file.describe("File with the URL of a webhook; the service user must be able to read it."),
        format: z.enum(["json", "slack"]).default("json").describe("Format of the posted message."),
      })
      .optional()
      .describe("Webhook to notify if a backup or a drill fails."),
  })
  .describe("Backups: schedules, retention, and restore drills.");

export type BackupSettings = z.output<typeof backupSchema>;
