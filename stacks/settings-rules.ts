import { backupPlan, profileOf } from "../components/backup/plan";
import { backupProblems } from "../components/backup/rules";
import type { BackupSettings } from "../components/backup/schema";
import type { NetworkSettings } from "../components/network/schema";
import { poolerProblems } from "../components/pgbouncer/parameters";
import type { PoolerSettings } from "../components/pgbouncer/schema";
import { budgetProblems } from "../components/pgbouncer/sizing";
import { type AwsSettings, failoverSeconds } from "../components/platforms/aws/schema";
import type { KubernetesSettings } from "../components/platforms/kubernetes/schema";
import type { LocalSettings } from "../components/platforms/local/schema";
import { objectiveRules } from "../components/postgres/objectives";
import { memoryProblems } from "../components/postgres/parameters";
import { parameterProblems } from "../components/postgres/parameters-check";
import type { Databases, Objectives, PostgresSettings } from "../components/postgres/schema";
import { brokenRules, type Problem, type Rule, toSeconds } from "../components/values";
import { nameProblems } from "./settings-names";
import { parameterInput } from "./settings-parameters";

/** The sections of a config that are right in themselves; one that is broken is left out. */
export interface Sections {
  readonly platform?: "local" | "aws";
  readonly objectives?: Objectives;
  readonly postgres?: PostgresSettings;
  readonly pooler?: PoolerSettings;
  readonly databases?: Databases;
  readonly network?: NetworkSettings;
  readonly backup?: BackupSettings;
  readonly local?: LocalSettings | undefined;
  readonly aws?: AwsSettings | undefined;
  readonly kubernetes?: KubernetesSettings | undefined;
}

type With<K extends keyof Sections> = Sections & { readonly [P in K]-?: NonNullable<Sections[P]> };

const has = <K extends keyof Sections>(given: Sections, needs: readonly K[]): given is With<K> =>
  needs.every((key) => given[key] !== undefined);

/** A check that runs where all the sections that it needs are right. */
const check =
  <K extends keyof Sections>(needs: readonly K[], problems: (sections: With<K>) => Problem[]) =>
  (given: Sections): Problem[] =>
    has(given, needs) ? problems(given) : [];

const onlyOn = (section: "local" | "aws" | "kubernetes", platform: "local" | "aws"): Rule<Sections> => ({
  path: () => [section],
  holds: (given) => given[section] === undefined || given.platform === platform,
  message: (given) => `found with platform ${given.platform ?? ""}; allowed only with platform ${platform}`,
});

/** Left out, as against present and broken: that has its own problem. */
const requiredOn = (section: "aws" | "kubernetes", platform: "aws"): Rule<Sections> => ({
  path: () => [section],
  holds: (given) => given.platform !== platform || !(section in given) || given[section] !== undefined,
  message: () => `found nothing; required with platform ${platform}`,
});

const platformRules = [
  onlyOn("local", "local"),
  onlyOn("aws", "aws"),
  onlyOn("kubernetes", "aws"),
  requiredOn("aws", "aws"),
  requiredOn("kubernetes", "aws"),
];

const awsObjectiveRules: readonly Rule<With<"objectives" | "aws">>[] = [
  {
    path: () => ["objectives", "rto"],
    holds: ({ objectives, aws }) => toSeconds(objectives.rto) >= failoverSeconds[aws.topology],
    message: ({ objectives, aws }) =>
      `found "${objectives.rto}"; allowed: at least "${failoverSeconds[aws.topology]} seconds", the failover of ${aws.topology}; or choose a faster howdah:aws.topology`,
  },
];

const databaseRules: readonly Rule<Databases>[] = [
  {
    path: () => ["databases"],
    holds: (databases) => Object.keys(databases).length > 0,
    message: () => "found no database; allowed: at least one",
  },
];

/** The figures build on each other: each is checked once those that it is computed from are right. */
function capacityProblems(given: With<"objectives" | "postgres" | "databases">): Problem[] {
  if (parameterProblems(given.postgres.parameters, given.postgres.version).length > 0) return [];
  const budget = budgetProblems(given);
  return budget.length > 0 ? budget : memoryProblems(parameterInput(given));
}

const checks = [
  check(["platform"], (given) => brokenRules(platformRules, given)),
  check(["platform", "objectives", "postgres"], (given) =>
    given.platform === "local" ? brokenRules(objectiveRules, given) : [],
  ),
  check(["platform", "objectives", "aws"], (given) =>
    given.platform === "aws" ? brokenRules(awsObjectiveRules, given) : [],
  ),
  check(["postgres"], ({ postgres }) => parameterProblems(postgres.parameters, postgres.version)),
  check(["pooler"], ({ pooler }) => poolerProblems(pooler)),
  check(["databases"], ({ databases }) => [...brokenRules(databaseRules, databases), ...nameProblems(databases)]),
  check(["objectives", "postgres", "databases"], capacityProblems),
  check(["platform", "backup"], ({ platform, backup }) => backupProblems(backupPlan(backup, profileOf(platform)))),
];

/** Problems between sections, and those that a schema cannot state; in the order of the config. */
export const sectionProblems = (given: Sections): Problem[] => checks.flatMap((find) => find(given));
