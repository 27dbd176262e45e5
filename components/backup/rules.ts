import { brokenRules, type Problem, type Rule, toMilliseconds } from "../../lib/values";
import { longestPause } from "./cron";
import type { BackupPlan } from "./plan";
import { tierKinds, tierNames, type TierName } from "../../contracts/tiers";
import { hour } from "../../lib/units";

const hours = (milliseconds: number): string => `${Math.ceil(milliseconds / hour)} hours`;

const ofKind = (plan: BackupPlan, kinds: readonly string[]): TierName[] =>
  tierNames.filter((name) => kinds.includes(tierKinds[name]) && plan.tiers[name].schedule !== null);

/** Longest time that a scheduled full or differential backup is kept. */
const longestKept = (plan: BackupPlan): number =>
  Math.max(0, ...ofKind(plan, ["full", "diff"]).map((name) => toMilliseconds(plan.tiers[name].kept)));

/** A tier whose backups are gone before the next one comes leaves a gap with none. */
const tierRule = (name: TierName): Rule<BackupPlan> => {
  const pause = ({ tiers }: BackupPlan): number =>
    tiers[name].schedule === null ? 0 : longestPause(tiers[name].schedule);
  return {
    path: () => ["backup", "tiers", name, "kept"],
    holds: (plan) => toMilliseconds(plan.tiers[name].kept) >= pause(plan),
    message: (plan) =>
      `found "${plan.tiers[name].kept}", but up to ${hours(pause(plan))} pass between two of them; allowed: at least as long, or a more frequent schedule`,
  };
};

const planRules: readonly Rule<BackupPlan>[] = [
  ...tierNames.map(tierRule),
  {
    path: () => ["backup", "tiers"],
    holds: (plan) => ofKind(plan, ["full"]).length > 0,
    message: () =>
      "found no scheduled full backup, which differential and incremental ones need; give weekly or monthly a schedule",
  },
  {
    path: () => ["backup", "pointInTime"],
    holds: (plan) => toMilliseconds(plan.pointInTime) <= longestKept(plan),
    message: (plan) =>
      `found "${plan.pointInTime}", but no full or differential backup is kept that long (at most ${hours(longestKept(plan))}); keep the daily or weekly tier longer`,
  },
  {
    path: () => ["backup", "drill", "overdue"],
    holds: ({ drill }) => toMilliseconds(drill.overdue) >= longestPause(drill.schedule),
    message: ({ drill }) =>
      `found "${drill.overdue}", but up to ${hours(longestPause(drill.schedule))} pass between two drills; allowed: at least as long`,
  },
];

/** Problems of a backup plan. */
export const backupProblems = (plan: BackupPlan): Problem[] => brokenRules(planRules, plan);
