import { backupPlan } from "../../../../components/backup/plan";
import { backupProblems } from "../../../../components/backup/rules";
import { backupSchema } from "../../../../components/backup/schema";
import { profiles, type Profile } from "../../../../contracts/tiers";
import { platforms } from "../../../../stacks/platforms";

const planOf = (settings: unknown, profile: Profile = "production") =>
  backupPlan(backupSchema.parse(settings), { profile });
const pathsOf = (settings: unknown, profile?: Profile): string[] =>
  backupProblems(planOf(settings, profile)).map(({ path }) => path.slice(1).join("."));

test.each(profiles)("the defaults of %s hold", (profile) => {
  expect(backupProblems(planOf({}, profile))).toEqual([]);
});

test("a stack of this machine starts from development, any other from production", () => {
  const profiles = (onMachine: boolean) =>
    platforms.filter(({ machine }) => (machine !== undefined) === onMachine).map(({ defaults }) => defaults.profile);
  expect(new Set(profiles(true))).toEqual(new Set(["development"]));
  expect(new Set(profiles(false))).toEqual(new Set(["production"]));
});

test("production keeps hourly, daily, weekly and monthly backups for a day, a month, a quarter and a year", () => {
  const { tiers, pointInTime } = planOf({});
  expect(Object.entries(tiers).map(([name, { kept }]) => `${name} ${kept}`)).toEqual([
    "hourly 24 hours",
    "daily 30 days",
    "weekly 90 days",
    "monthly 365 days",
    "preMaintenance 14 days",
    "logical 30 days",
    "schema 90 days",
  ]);
  expect(pointInTime).toBe("30 days");
});

test.each([
  ["development", "7 days"],
  ["staging", "14 days"],
] as const)("%s can go back %s", (profile, window) => {
  const plan = planOf({}, profile);
  expect(plan.pointInTime).toBe(window);
  expect(plan.tiers.weekly.kept).toBe(window);
  expect(plan.tiers.monthly.schedule).toBeNull();
});

test("the config changes one part of a tier and leaves the rest", () => {
  const { tiers } = planOf({ tiers: { daily: { kept: "60 days" }, hourly: { schedule: null } } });
  expect(tiers.daily).toEqual({ schedule: "0 1 * * 1-6", kept: "60 days" });
  expect(tiers.hourly).toEqual({ schedule: null, kept: "24 hours" });
});

test("its own profile wins over the platform's", () => {
  expect(planOf({ profile: "staging" }, "development").pointInTime).toBe("14 days");
});

describe("refused is", () => {
  test("a tier whose backups are gone before the next comes", () => {
    expect(pathsOf({ tiers: { weekly: { kept: "6 days" }, daily: { kept: "47 hours" } } })).toEqual([
      "tiers.daily.kept",
      "tiers.weekly.kept",
    ]);
  });

  test("a plan without full backups on a schedule", () => {
    const none = { schedule: null };
    expect(pathsOf({ tiers: { weekly: none, monthly: none } })).toEqual(["tiers"]);
  });

  test("a window that no scheduled backup reaches back to", () => {
    expect(pathsOf({ pointInTime: "8 days" }, "development")).toEqual(["pointInTime"]);
    expect(pathsOf({ pointInTime: "8 days", tiers: { daily: { kept: "8 days" } } }, "development")).toEqual([]);
  });

  test("a drill that is overdue before the next is due", () => {
    expect(pathsOf({ drill: { schedule: "0 5 * * 0", overdue: "6 days" } })).toEqual(["drill.overdue"]);
  });
});
