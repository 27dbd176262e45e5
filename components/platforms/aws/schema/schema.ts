import { z } from "zod";
import { size } from "../../../../lib/values";
import { identifierPattern, longestIdentifier } from "../names";
import { regionNames } from "../regions";
import { id, networkChoice } from "./network";

const region = () => z.enum(regionNames, { error: `an AWS region: ${regionNames.join(", ")}` });
const arn = z.string().regex(/^arn:aws[\w-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/, {
  error: 'the ARN of a role or user, such as "arn:aws:iam::123456789012:role/database-admin"',
});

/** Retentions that CloudWatch Logs takes, in days. */
export const logRetentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;
/** Retentions that Performance Insights takes, in days: a week, months of 31 days, two years. */
export const insightRetentions = [7, ...Array.from({ length: 23 }, (_, month) => 31 * (month + 1)), 731];

const storage = z
  .strictObject({
    size: size({ min: "20 GB", max: "64 TB" }).default("100 GB").describe("Allocated storage."),
    maximum: size({ min: "20 GB", max: "64 TB" })
      .optional()
      .describe("Storage grows automatically up to this size (rds-instance)."),
    type: z.enum(["gp3", "io2"]).default("gp3").describe("Volume type."),
    iops: z.int().min(1000).max(256_000).optional().describe("Provisioned IOPS. Default: what the type includes."),
  })
  .describe("Storage of each server; not for Aurora, whose storage grows automatically.");

const aurora = z
  .strictObject({
    serverless: z
      .strictObject({
        min: z.number().min(0.5).max(256).multipleOf(0.5).describe("Smallest capacity, in ACU (2 GB each)."),
        max: z.number().min(1).max(256).multipleOf(0.5).describe("Largest capacity, in ACU."),
      })
      .optional()
      .describe("Serverless v2, instead of howdah:aws.instanceClass."),
    autoscaling: z
      .strictObject({
        max: z.int().min(1).max(15).describe("Maximum number of readers; the minimum is howdah:postgres.replicas."),
        cpuTarget: z.int().min(20).max(90).default(60).describe("Target CPU utilization of the readers, in percent."),
      })
      .optional()
      .describe("Autoscaling of readers."),
  })
  .optional()
  .describe("Aurora only.");

const identity = z
  .union(
    [
      z.strictObject({
        issuer: z
          .string()
          .regex(/^[\w.-]+(\/[\w./-]+)?$/, {
            error: 'an issuer without https://, such as "oidc.eks.eu-central-1.amazonaws.com/id/ABC"',
          })
          .describe(
            "OIDC issuer of the Kubernetes cluster, without https://; it must be registered with IAM (roles for service accounts).",
          ),
      }),
      z.strictObject({
        podIdentityCluster: z.string().min(1).describe("Name of an EKS cluster with the Pod Identity agent."),
      }),
    ],
    { error: 'either {"issuer": "…"} or {"podIdentityCluster": "…"}' },
  )
  .describe("How pods assume IAM roles.");

const day = "(mon|tue|wed|thu|fri|sat|sun)";
const time = "([01]\\d|2[0-3]):[0-5]\\d";

/** What AWS takes as a tag's key or value. */
const tag = (min: number, max: number) =>
  z.string().regex(new RegExp(`^(?![aA][wW][sS]:)[\\p{L}\\p{N} +\\-=._:/@]{${min},${max}}$`, "u"), {
    error: `${min} to ${max} letters, digits, spaces and +-=._:/@`,
  });

const window = (pattern: RegExp, example: string) =>
  z.string().regex(pattern, { error: `a window in UTC such as "${example}"` });

/** AWS settings. */
export const awsSchema = z
  .strictObject({
    account: z
      .string({ error: 'an account such as "123456789012", in quotes' })
      .regex(/^\d{12}$/, { error: 'an account such as "123456789012", in quotes' })
      .describe("Account of the stack; the program refuses to run in any other account."),
    region: region().describe("Region of the primary."),
    identifier: z
      .string()
      .regex(identifierPattern, { error: 'an RDS identifier such as "howdah-prod"' })
      .max(longestIdentifier)
      .optional()
      .describe("Prefix of the servers' names. Default: howdah-<stack>. A change creates new servers."),
    topology: z
      .enum(["rds-instance", "rds-cluster", "aurora"])
      .default("rds-instance")
      .describe("RDS Multi-AZ instance with read replicas, RDS Multi-AZ DB cluster, or Aurora PostgreSQL."),
    instanceClass: z
      .string({ error: 'an instance class such as "db.r7g.large"' })
      .regex(/^db\.([a-z0-9-]+\.[a-z0-9-]+|serverless)$/, { error: 'an instance class such as "db.r7g.large"' })
      .describe("Instance class of every server; it determines memory and CPUs."),
    engineVersion: z
      .string({ error: 'a version such as "15.14", in quotes' })
      .regex(/^\d{2}\.\d{1,2}$/, { error: 'a version such as "15.14", in quotes' })
      .describe(
        "Version of the engine, major and minor. If AWS has installed a newer minor version, it is kept and reported.",
      ),
    zones: z
      .array(z.string())
      .min(2)
      .max(6)
      .optional()
      .describe("Availability zones, the primary's first. Default: the first three of the region."),
    multiAz: z.boolean().optional().describe("Standby in another zone (rds-instance only). Default: true."),
    network: networkChoice,
    clientSecurityGroups: z
      .array(
        z.strictObject({
          securityGroupId: id("sg").describe("Security group of clients, in a VPC that can reach the database's VPC."),
          reason: z.string().trim().min(3).max(200).describe("Who connects from this group, and why."),
        }),
      )
      .default([])
      .describe("Clients that may connect in addition to those of howdah:network.allow."),
    port: z.int().min(1150).max(65_535).default(5432).describe("Port of the servers."),
    storage: storage.optional(),
    aurora,
    maintenanceWindow: window(new RegExp(`^${day}:${time}-${day}:${time}$`), "sun:03:00-sun:04:00")
      .default("sun:03:30-sun:04:30")
      .describe("When AWS may restart a server."),
    backupWindow: window(new RegExp(`^${time}-${time}$`), "22:00-23:00")
      .default("22:00-23:00")
      .describe("When AWS takes the daily snapshot."),
    backupRetentionDays: z
      .int()
      .min(0)
      .max(35)
      .optional()
      .describe("Days of point-in-time recovery. Default: howdah:backup.pointInTime, 35 at most."),
    deletionProtection: z
      .boolean()
      .default(true)
      .describe("Protects servers and buckets from deletion, in AWS and in Pulumi."),
    finalSnapshot: z.boolean().default(true).describe("Whether a deleted server leaves a snapshot."),
    monitoring: z
      .strictObject({
        interval: z
          .literal([1, 5, 10, 15, 30, 60])
          .default(30)
          .describe("Interval of enhanced monitoring, in seconds."),
        insightsRetentionDays: z
          .literal(insightRetentions)
          .default(31)
          .describe("Retention of Performance Insights, in days."),
        logRetentionDays: z
          .literal([...logRetentions])
          .default(90)
          .describe("Retention of the servers' logs, in days."),
      })
      .prefault({})
      .describe("Monitoring and logs of the servers."),
    vault: z
      .strictObject({
        lock: z
          .enum(["none", "governance", "compliance"])
          .default("none")
          .describe(
            "Lock against early deletion of backups: only administrators can delete them (governance), or no one can (compliance, after a grace period of three days).",
          ),
        lockDays: z
          .int()
          .min(1)
          .max(3650)
          .default(14)
          .describe("Minimum lock time of a backup, in days; also for the dumps' bucket."),
      })
      .prefault({})
      .describe("The vault of AWS Backup."),
    secondRegion: region().optional().describe("Region for copies of the backups."),
    upgrade: z
      .strictObject({
        minor: z
          .enum(["automatic", "pinned"])
          .default("automatic")
          .describe(
            "How minor versions are installed: by AWS in the maintenance window (automatic), or by `up` when engineVersion changes (pinned).",
          ),
        major: z.boolean().default(false).describe("Allow `up` to upgrade the major version."),
        blueGreen: z
          .boolean()
          .default(true)
          .describe(
            "Upgrade through a blue/green deployment if RDS supports it, which is for an rds-instance without replicas.",
          ),
      })
      .prefault({})
      .describe("Upgrades of the engine."),
    applyImmediately: z
      .boolean()
      .default(false)
      .describe("Whether changes that restart a server are applied at once instead of in the maintenance window."),
    administration: z
      .strictObject({
        host: z
          .string()
          .min(1)
          .optional()
          .describe("Host of a tunnel to the primary. Default: the primary's own name."),
        port: z.int().min(1).max(65_535).optional().describe("Port of the tunnel."),
        rotations: z
          .int()
          .min(0)
          .max(100_000)
          .default(0)
          .describe(
            "Raise it by one for a new password of the administrator (rds-instance; with other topologies, RDS rotates the password).",
          ),
      })
      .prefault({})
      .describe(
        "How the program reaches the private database to create roles and databases: from inside the network, or through a tunnel.",
      ),
    identity,
    keyAdministrators: z
      .array(arn, { error: "a list of ARNs of roles or users" })
      .min(1)
      .describe("Principals that may administer the keys, but not use them."),
    tags: z.record(tag(1, 128), tag(0, 256)).default({}).describe("Tags of all resources; at most 49."),
  })
  .describe("AWS; with `platform: aws` only.");

export type AwsSettings = z.output<typeof awsSchema>;

/** Storage as configured, or the default. */
export const storageOf = (settings: Pick<AwsSettings, "storage">): z.output<typeof storage> =>
  settings.storage ?? storage.parse({});

export type NetworkChoice = AwsSettings["network"];
