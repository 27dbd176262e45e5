import { backupProblems } from "../../components/backup/rules";
import { hipaa } from "../../components/compliance/hipaa";
import { ruleOf } from "../../components/compliance/rule";
import { networkProblems } from "../../components/network/rules";
import { poolerProblems } from "../../components/pgbouncer/allowed-settings";
import { budgetProblems } from "../../components/capacity/connections";
import { memoryProblems } from "../../components/postgres/parameters/parameters";
import { parameterProblems } from "../../components/postgres/parameters/check";
import { parameterRules } from "../../components/postgres/parameters/rules";
import type { PlatformDefinition } from "../../components/ports";
import type { Databases } from "../../components/postgres/schema";
import { brokenRules, type Problem, type Rule } from "../../lib/values";
import { definitionOf, ownSections, type PlatformSections } from "../platforms";
import { configPath } from "./error";
import { nameProblems } from "./reserved-names";
import { parameterInput } from "./parameters";
import { check, planned, type Sections, type With } from "./sections";
import { sizedPostgres } from "./sizes";

const onlyOn = (key: keyof PlatformSections, { name }: PlatformDefinition): Rule<Sections> => ({
  path: () => [key],
  holds: (given) => given[key] === undefined || given.platform === name,
  message: (given) => `found with platform ${given.platform ?? ""}; allowed only with platform ${name}`,
});

/** Only if the section is missing; an invalid one is reported elsewhere. */
const requiredOn = (key: keyof PlatformSections, { name }: PlatformDefinition): Rule<Sections> => ({
  path: () => [key],
  holds: (given) => given.platform !== name || !(key in given) || given[key] !== undefined,
  message: () => `found nothing; required with platform ${name}`,
});

const platformRules = ownSections.flatMap(({ key, platform }) => [
  onlyOn(key, platform),
  ...(platform.required.includes(key) ? [requiredOn(key, platform)] : []),
]);

/** If a setting of the platform's determines the size, a second source could contradict it. */
const sizeRules = (["memory", "cpus"] as const).map((key): Rule<With<"platform" | "postgres">> => ({
  path: () => ["postgres", key],
  holds: ({ platform, postgres }) => definitionOf(platform).sizeSetting === undefined || postgres[key] === undefined,
  message: ({ platform, postgres }) =>
    `found ${JSON.stringify(postgres[key])}; on platform ${platform}, omit it: ${configPath(definitionOf(platform).sizeSetting ?? [])} determines it`,
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
  const { sizeSetting } = definitionOf(given.platform);
  return sizeSetting === undefined ? memory : memory.map((one) => ({ ...one, path: sizeSetting }));
}

const complianceProblems = (given: With<"platform" | "backup" | "databases" | "postgres">): Problem[] =>
  brokenRules(hipaa.map(ruleOf("hipaa")), { ...given, backup: planned(given) });

const checks = [
  check(["platform"], (given) => brokenRules(platformRules, given)),
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
  check(["platform"], (given) => definitionOf(given.platform).problems(given)),
];

/** Problems between sections, and those that a schema cannot state; in the order of the config. */
export const sectionProblems = (given: Sections): Problem[] => checks.flatMap((find) => find(given));
