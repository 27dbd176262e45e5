import { runsOf } from "../../../backup/cron";
import type { BackupPlan } from "../../../backup/plan";
import { brokenRules, type Problem, type Rule } from "../../../../lib/values";
import type { AwsSettings } from "../schema/schema";
import { awsCron, minutesOf } from "../backups/vault/aws-cron";
import { pointInTimeDays, type ScheduledTier, scheduledTiers, wholeDays } from "../backups/tiers";

/** What the rules look at. */
export interface AwsBackupSections {
  readonly aws: Pick<AwsSettings, "topology" | "maintenanceWindow" | "vault" | "backupRetentionDays">;
  readonly backup: BackupPlan;
}

const weekMinutes = 7 * 24 * 60;
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Minute of the week of a time such as `sun:03:30`. */
function minuteOfWeek(time: string): number {
  const [day = "", hours, minutes] = time.split(":");
  return (weekdays.indexOf(day) * 24 + Number(hours)) * 60 + Number(minutes);
}

/** RDS starts no snapshot from an hour before the maintenance window on; AWS Backup Developer Guide, "Backup plan options". */
const quietMinutes = 60;

/** True if a schedule comes due within the maintenance window, or less than an hour before it. */
export function meetsMaintenance(schedule: string, window: string): boolean {
  // "sun:03:30-sun:04:30"
  const [start = "", end = ""] = window.split("-");
  const from = minuteOfWeek(start) - quietMinutes;
  const length = (minuteOfWeek(end) - from + weekMinutes) % weekMinutes;
  return runsOf(schedule).some((run) => {
    const minute = (run.getUTCDay() * 24 + run.getUTCHours()) * 60 + run.getUTCMinutes();
    return (minute - from + weekMinutes) % weekMinutes < length;
  });
}

const inexpressible = (schedule: string): string =>
  `found "${schedule}"; AWS does not support this schedule: use days of the month or of the week, not both, in plain cron (no L, W or #)`;

function tierRules({ name, schedule, keptDays }: ScheduledTier): Rule<AwsBackupSections>[] {
  const path = (key: string) => () => ["backup", "tiers", name, key];
  return [
    { path: path("schedule"), holds: () => awsCron(schedule) !== undefined, message: () => inexpressible(schedule) },
    {
      path: path("schedule"),
      holds: () => minutesOf(schedule) <= 1,
      message: () => `found "${schedule}"; AWS Backup takes at most one snapshot per hour: use a single minute`,
    },
    {
      path: path("schedule"),
      // Aurora's snapshots do not stop for maintenance.
      holds: ({ aws }) => aws.topology === "aurora" || !meetsMaintenance(schedule, aws.maintenanceWindow),
      message: ({ aws }) =>
        `found "${schedule}"; RDS starts no snapshot within howdah:aws.maintenanceWindow (${aws.maintenanceWindow}) and the hour before it: move one of them`,
    },
    {
      path: path("kept"),
      holds: ({ aws: { vault } }) => vault.lock === "none" || keptDays >= vault.lockDays,
      message: ({ aws, backup }) =>
        `found "${backup.tiers[name].kept}"; the locked vault rejects backups that are kept for less than howdah:aws.vault.lockDays (${aws.vault.lockDays} days)`,
    },
  ];
}

const planRules: readonly Rule<AwsBackupSections>[] = [
  {
    path: () => ["backup", "drill", "schedule"],
    holds: ({ backup }) => awsCron(backup.drill.schedule) !== undefined,
    message: ({ backup }) => inexpressible(backup.drill.schedule),
  },
  {
    path: () => ["backup", "tiers", "hourly", "kept"],
    holds: ({ aws, backup }) =>
      backup.tiers.hourly.schedule === null || wholeDays(backup.tiers.hourly.kept) <= pointInTimeDays(aws, backup),
    message: ({ aws, backup }) =>
      `found "${backup.tiers.hourly.kept}"; on AWS, point-in-time recovery replaces hourly backups, and reaches back ${pointInTimeDays(aws, backup)} days: set the longer time in the daily tier`,
  },
];

/** Parts of a plan that AWS Backup and RDS do not support. Paths are those of the config. */
export const backupScheduleProblems = (sections: AwsBackupSections): Problem[] =>
  brokenRules([...scheduledTiers(sections.backup).flatMap(tierRules), ...planRules], sections);
