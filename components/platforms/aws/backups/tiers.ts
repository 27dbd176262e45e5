import type { BackupPlan } from "../../../backup/plan";
import type { TierName } from "../../../../contracts/tiers";
import { type Duration, toMilliseconds } from "../../../../lib/values";
import type { AwsSettings } from "../schema/schema";
import { day } from "../../../../lib/units";

/**
 * Tiers that AWS Backup takes, as snapshots. The hourly one is what point-in-time recovery gives anyway, to the second and at no cost:
 * RDS keeps the WAL itself. Pre-maintenance snapshots are taken manually, dumps by jobs.
 */
export const vaultTiers = ["daily", "weekly", "monthly"] as const satisfies readonly TierName[];

/** Longest point-in-time recovery of RDS, in days; RDS User Guide, "Backup retention period". */
const longestPointInTime = 35;

/** Whole days, rounded up: a backup is kept at least as long as the config says. */
export const wholeDays = (duration: Duration): number => Math.max(1, Math.ceil(toMilliseconds(duration) / day));

/** Days of point-in-time recovery of the servers. */
export const pointInTimeDays = (settings: Pick<AwsSettings, "backupRetentionDays">, backup: BackupPlan): number =>
  settings.backupRetentionDays ?? Math.min(longestPointInTime, wholeDays(backup.pointInTime));

/** A tier with a schedule. */
export interface ScheduledTier {
  readonly name: (typeof vaultTiers)[number];
  /** Five cron fields, UTC. */
  readonly schedule: string;
  readonly keptDays: number;
}

/** What AWS Backup takes of a plan. */
export const scheduledTiers = ({ tiers }: Pick<BackupPlan, "tiers">): ScheduledTier[] =>
  vaultTiers.flatMap((name) => {
    const { schedule, kept } = tiers[name];
    return schedule === null ? [] : [{ name, schedule, keptDays: wholeDays(kept) }];
  });

/** Longest time in days that a dump is kept. */
export const dumpDays = ({ tiers }: Pick<BackupPlan, "tiers">): number =>
  Math.max(wholeDays(tiers.logical.kept), wholeDays(tiers.schema.kept));

/**
 * The second region, if AWS can copy the servers' backups there. Snapshots of a Multi-AZ DB cluster cannot be copied (RDS User
 * Guide, "Limitations of Multi-AZ DB clusters"): of it, the second region has the dumps.
 */
export const copyRegion = ({ topology, secondRegion }: Pick<AwsSettings, "topology" | "secondRegion">) =>
  topology === "rds-cluster" ? undefined : secondRegion;
