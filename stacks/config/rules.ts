import { backupProblems } from "../../components/backup/rules";
import { hipaa } from "../../components/compliance/hipaa";
import { ruleOf } from "../../components/compliance/rule";
import { networkProblems } from "../../components/network/rules";
import { poolerProblems } from "../../components/pgbouncer/allowed-settings";
import { budgetProblems } from "../../components/capacity/connections";
import { objectiveRules } from "../../components/postgres/objectives";
import { memoryProblems } from "../../components/postgres/parameters/parameters";
import { parameterProblems } from "../../components/postgres/parameters/check";
import { parameterRules } from "../../components/postgres/parameters/rules";
import type { Databases } from "../../components/postgres/schema";
import { brokenRules, type Problem, type Rule } from "../../lib/values";
import { nameProblems } from "./reserved-names";
import { parameterInput } from "./parameters";
import { awsChecks } from "./rules-aws";
import { check, planned, type Sections, type With } from "./sections";
import { sizedPostgres } from "./sizes";

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

const complianceProblems = (given: With<"platform" | "backup" | "databases" | "postgres">): Problem[] =>
  brokenRules(hipaa.map(ruleOf("hipaa")), { ...given, backup: planned(given) });

const checks = [
  check(["platform"], (given) => brokenRules(platformRules, given)),
  check(["platform", "objectives", "postgres"], (given) =>
    given.platform === "local" ? brokenRules(objectiveRules, given) : [],
  ),
  check(["platform", "postgres"], (given) => brokenRules(sizeRules, given)),
  check(["compliance", "platform", "backup", "databases", "postgres"], (given) =>
    given.compliance === "hipaa" ? complianceProblems(given) : [],
  ),
  check(["postgres"], ({ postgres }) => parameterProblems(postgres.parameters, postgres.version)),
  check(["postgres", "pooler"], (given) => brokenRules(parameterRules, given)),
  check(["pooler"], ({ pooler }) => poolerProblems(pooler)),
  check(["databases"], ({ databases }) => [...brokenRules(databaseRules, databases), ...nameProblems(databases)]),
  check(["network"], ({ network }) => networkProblems(network)),
  check(["platform", "objectives", "postgres", "databases"], capacityProblems),
  check(["platform", "backup"], (given) => backupProblems(planned(given))),
  ...awsChecks.map((find) => (given: Sections) => (given.platform === "aws" ? find(given) : [])),
];

/** Problems between sections, and those that a schema cannot state; in the order of the config. */
export const sectionProblems = (given: Sections): Problem[] => checks.flatMap((find) => find(given));
