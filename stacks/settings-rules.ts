import { type BackupPlan, backupPlan, profileOf } from "../components/backup/plan";
import { backupProblems } from "../components/backup/rules";
import type { BackupSettings } from "../components/backup/schema";
import { hipaa } from "../components/compliance/hipaa";
import { type complianceProfiles, ruleOf } from "../components/compliance/rule";
import type { NetworkSettings } from "../components/network/schema";
import { poolerProblems } from "../components/pgbouncer/parameters";
import type { PoolerSettings } from "../components/pgbouncer/schema";
import { budgetProblems } from "../components/pgbouncer/sizing";
import { backupScheduleProblems } from "../components/platforms/aws/backups/rules";
import { awsHipaa } from "../components/platforms/aws/hipaa-rules";
import { awsObjectiveRules } from "../components/platforms/aws/objective-rules";
import { awsProblems } from "../components/platforms/aws/rules";
import type { AwsSettings } from "../components/platforms/aws/schema";
import type { KubernetesSettings } from "../components/platforms/kubernetes/schema";
import type { LocalSettings } from "../components/platforms/local/schema";
import { objectiveRules } from "../components/postgres/objectives";
import { memoryProblems } from "../components/postgres/parameters";
import { parameterProblems } from "../components/postgres/parameters-check";
import type { Databases, Objectives, PostgresSection } from "../components/postgres/schema";
import { brokenRules, type Problem, type Rule } from "../components/values";
import { nameProblems } from "./settings-names";
import { parameterInput } from "./settings-parameters";
import { sizedPostgres } from "./settings-sizes";

/** The sections of a config that are right in themselves; one that is broken is left out. */
export interface Sections {
  readonly platform?: "local" | "aws";
  readonly compliance?: (typeof complianceProfiles)[number];
  readonly objectives?: Objectives;
  readonly postgres?: PostgresSection;
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

/** On AWS the instance class says it; two words on it could differ. */
const sizeRules = (["memory", "cpus"] as const).map((key): Rule<With<"platform" | "postgres">> => ({
  path: () => ["postgres", key],
  holds: ({ platform, postgres }) => platform === "local" || postgres[key] === undefined,
  message: ({ postgres }) =>
    `found ${JSON.stringify(postgres[key])}; on platform aws leave it out: howdah:aws.instanceClass decides`,
}));

const databaseRules: readonly Rule<Databases>[] = [
  {
    path: () => ["databases"],
    holds: (databases) => Object.keys(databases).length > 0,
    message: () => "found no database; allowed: at least one",
  },
];

/** The figures build on each other: each is checked once those that it is computed from are right. */
function capacityProblems(given: With<"platform" | "objectives" | "postgres" | "databases">): Problem[] {
  const postgres = sizedPostgres(given);
  if (postgres === undefined || parameterProblems(postgres.parameters, postgres.version).length > 0) return [];
  const budget = budgetProblems({ ...given, postgres });
  if (budget.length > 0) return budget;
  const memory = memoryProblems(parameterInput({ ...given, postgres }));
  return given.platform === "local" ? memory : memory.map((one) => ({ ...one, path: ["aws", "instanceClass"] }));
}

/** Defaults of the plan are as good as values of the config: a profile must not loosen what compliance demands. */
const planned = ({ platform, backup }: With<"platform" | "backup">): BackupPlan =>
  backupPlan(backup, profileOf(platform));

const complianceProblems = (given: With<"platform" | "backup" | "databases" | "postgres">): Problem[] =>
  brokenRules(hipaa.map(ruleOf), { ...given, backup: planned(given) });

const checks = [
  check(["platform"], (given) => brokenRules(platformRules, given)),
  check(["platform", "objectives", "postgres"], (given) =>
    given.platform === "local" ? brokenRules(objectiveRules, given) : [],
  ),
  check(["platform", "postgres"], (given) => brokenRules(sizeRules, given)),
  check(["platform", "objectives", "postgres", "aws"], (given) => brokenRules(awsObjectiveRules, given)),
  check(["platform", "postgres", "network", "backup", "aws"], (given) =>
    awsProblems({ ...given, backup: planned(given) }),
  ),
  check(["compliance", "platform", "backup", "databases", "postgres"], (given) =>
    given.compliance === "hipaa" ? complianceProblems(given) : [],
  ),
  check(["compliance", "aws", "network"], (given) =>
    given.compliance === "hipaa" ? brokenRules(awsHipaa.map(ruleOf), given) : [],
  ),
  check(["postgres"], ({ postgres }) => parameterProblems(postgres.parameters, postgres.version)),
  check(["pooler"], ({ pooler }) => poolerProblems(pooler)),
  check(["databases"], ({ databases }) => [...brokenRules(databaseRules, databases), ...nameProblems(databases)]),
  check(["platform", "objectives", "postgres", "databases"], capacityProblems),
  check(["platform", "backup"], (given) => backupProblems(planned(given))),
  check(["platform", "backup", "aws"], (given) => backupScheduleProblems({ ...given, backup: planned(given) })),
];

/** Problems between sections, and those that a schema cannot state; in the order of the config. */
export const sectionProblems = (given: Sections): Problem[] => checks.flatMap((find) => find(given));
