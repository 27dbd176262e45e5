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
  schedule: cron.nullable().optional().describe("When it is taken (cron, UTC); null for on demand only."),
  kept: duration({ min: "1 hour" }).optional().describe("How long each is kept, at least."),
});

const tiers = z
  .strictObject({
    hourly: tier.optional().describe("Incremental backups."),
    daily: tier.optional().describe("Differential backups."),
    weekly: tier.optional().describe("Full backups."),
    monthly: tier.optional().describe("Full backups that are kept long."),
    preMaintenance: tier.optional().describe("Backups by hand and before every restore in place."),
    logical: tier.optional().describe("Dumps, one per database."),
    schema: tier.optional().describe("Dumps of the schema alone, one per database."),
  })
  .prefault({})
  .describe("What a tier does otherwise than in its profile.");

const destination = z.union(
  [
    z.strictObject({ folder: file.describe("Folder that the service user may write to.") }),
    z.strictObject({
      s3: z
        .strictObject({
          bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: "the name of a bucket" }),
          prefix: s3Prefix.default("").describe("Common part of the keys."),
          region: z
            .string()
            .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'a region such as "eu-central-1"' })
            .describe("Region of the bucket."),
          endpoint: s3Endpoint.optional().describe("Another service that speaks S3: https, or http on this machine."),
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
      .describe("Which defaults the tiers start from. Default: development on this machine, else production."),
    tiers,
    pointInTime: duration({ min: "1 day", max: "365 days" })
      .optional()
      .describe("Any second of this time can be restored. Default: 7, 14 or 30 days, by the profile."),
    drill: z
      .strictObject({
        schedule: cron.default("0 5 * * *").describe("When a restore is tried out (cron, UTC)."),
        overdue: duration({ min: "1 hour" })
          .default("8 days")
          .describe("A drill older than this is overdue: `howdah health` says so."),
      })
      .prefault({})
      .describe("The restore drill."),
    logical: z
      .strictObject({
        destination: destination.optional().describe("Where dumps go. Default: a folder next to the repository."),
        recipient: z
          .string()
          .regex(/^age1[02-9ac-hj-np-z]{58}$/, { error: "an age recipient: age1…" })
          .optional()
          .describe("Public key that dumps are encrypted to. Default: a key pair of the stack's own."),
      })
      .prefault({})
      .describe("Dumps per database."),
    notify: z
      .strictObject({
        urlFile: file.describe("File with the URL of a webhook, readable for the service user."),
        format: z.enum(["json", "slack"]).default("json").describe("What is posted."),
      })
      .optional()
      .describe("Who is told when a backup or a drill fails."),
  })
  .describe("Backups: what is taken when, how long it is kept, and how restores are proven.");

export type BackupSettings = z.output<typeof backupSchema>;
