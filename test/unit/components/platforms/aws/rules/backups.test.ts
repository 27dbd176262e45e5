import { backupPlan } from "../../../../../../components/backup/plan";
import { backupSchema } from "../../../../../../components/backup/schema";
import {
  type AwsBackupSections,
  backupScheduleProblems,
  meetsMaintenance,
} from "../../../../../../components/platforms/aws/rules/backups";

const aws: AwsBackupSections["aws"] = {
  topology: "rds-instance",
  maintenanceWindow: "sun:03:30-sun:04:30",
  vault: { lock: "none", lockDays: 14 },
};

const planOf = (settings: object = {}) => backupPlan(backupSchema.parse(settings), { profile: "production" });
const problems = (settings: object, changes: Partial<AwsBackupSections["aws"]> = {}) =>
  backupScheduleProblems({ aws: { ...aws, ...changes }, backup: planOf(settings) });

test.each(["rds-instance", "rds-cluster", "aurora"] as const)("the defaults are good for %s", (topology) => {
  expect(problems({}, { topology, vault: { lock: "compliance", lockDays: 14 } })).toEqual([]);
});

test.each([
  ["a tier", { tiers: { weekly: { schedule: "0 1 1 * 0" } } }, ["backup", "tiers", "weekly", "schedule"]],
  ["the drill", { drill: { schedule: "0 5 L * *" } }, ["backup", "drill", "schedule"]],
])("a schedule that AWS does not have is refused for %s", (_, settings, path) => {
  expect(problems(settings)).toEqual([
    { path, message: expect.stringContaining("AWS does not support this schedule") as string },
  ]);
});

test("a tier that comes due more than once an hour is refused", () => {
  expect(problems({ tiers: { daily: { schedule: "*/30 1 * * *" } } })).toEqual([
    {
      path: ["backup", "tiers", "daily", "schedule"],
      message: expect.stringContaining("at most one snapshot per hour") as string,
    },
  ]);
});

test("tiers that AWS Backup does not take may have any schedule", () => {
  expect(problems({ tiers: { schema: { schedule: "*/30 1 1 * 0", kept: "90 days" } } })).toEqual([]);
});

test("a snapshot in the maintenance window is refused, but for Aurora", () => {
  const settings = { tiers: { weekly: { schedule: "0 3 * * 0" } } };
  expect(problems(settings)).toEqual([
    {
      path: ["backup", "tiers", "weekly", "schedule"],
      message: expect.stringContaining("sun:03:30-sun:04:30") as string,
    },
  ]);
  expect(problems(settings, { topology: "aurora" })).toEqual([]);
});

test.each([
  ["30 2 * * 0", true],
  ["29 2 * * 0", false],
  ["29 4 * * 0", true],
  ["30 4 * * 0", false],
  ["0 3 * * 1-6", false],
  ["0 3 * * *", true],
  ["0 3 1 * *", true],
])("%s meets a window on Sundays from 03:30 to 04:30, or the hour before: %s", (schedule, meets) => {
  expect(meetsMaintenance(schedule, "sun:03:30-sun:04:30")).toBe(meets);
});

test.each([
  ["30 23 * * 6", true],
  ["59 22 * * 6", false],
  ["0 1 * * 0", false],
])("a window that begins with the week reaches into the one before: %s", (schedule, meets) => {
  expect(meetsMaintenance(schedule, "sun:00:00-sun:01:00")).toBe(meets);
});

test("a backup that is kept less than the vault's lock lasts is refused", () => {
  const settings = { profile: "development", pointInTime: "7 days" };
  expect(problems(settings)).toEqual([]);
  const paths = problems(settings, { vault: { lock: "governance", lockDays: 14 } }).map(({ path }) => path.join("."));
  expect(paths).toEqual(["backup.tiers.daily.kept", "backup.tiers.weekly.kept"]);
});

test("an hourly tier that is kept longer than point-in-time recovery reaches is refused", () => {
  const settings = { tiers: { hourly: { kept: "36 days" } } };
  expect(problems(settings)).toEqual([
    { path: ["backup", "tiers", "hourly", "kept"], message: expect.stringContaining("30 days") as string },
  ]);
  expect(problems({ tiers: { hourly: { schedule: null, kept: "36 days" } } })).toEqual([]);
});
