import { backupProblems } from "../../components/backup/rules";
import { hipaa } from "../../components/compliance/hipaa";
import { ruleOf } from "../../components/compliance/rule";
import { receiverProblems } from "../../components/monitoring/problems";
import { networkProblems } from "../../components/network/rules";
import { poolerProblems } from "../../components/pgbouncer/allowed-settings";
import { budgetProblems } from "../../components/capacity/connections";
import { withDemanded } from "../../components/postgres/extensions/extensions";
import { auditProblems, extensionProblems } from "../../components/postgres/extensions/rules";
import { memoryProblems } from "../../components/postgres/parameters/parameters";
import { parameterProblems } from "../../components/postgres/parameters/check";
import { parameterRules } from "../../components/postgres/parameters/rules";
import type { PlatformDefinition } from "../../components/ports";
import type { Databases } from "../../components/postgres/schema";
import { brokenRules, type Problem, type Rule } from "../../lib/values";
import { definitionOf, ownSections, type PlatformSections } from "../platforms";
import { configPath } from "./error";
import { nameProblems } from "./reserved-names";
import { mostPoolers, parameterInput } from "./parameters";
import { check, planned, type Sections, type With } from "./sections";
import { sizedPostgres } from "./sizes";

const onlyOn = (key: keyof PlatformSections, { name }: PlatformDefinition): Rule<Sections> => ({
  path: () => [key],
  holds: (sections) => sections[key] === undefined || sections.platform === name,
  message: (sections) => `found with platform ${sections.platform ?? ""}; allowed only with platform ${name}`,
});

/** Only if the section is missing; an invalid one is reported elsewhere. */
const requiredOn = (key: keyof PlatformSections, { name }: PlatformDefinition): Rule<Sections> => ({
  path: () => [key],
  holds: (sections) => sections.platform !== name || !(key in sections) || sections[key] !== undefined,
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

/** PostgreSQL has `transaction_timeout` since this major version. */
const firstWithTransactionTimeout = 17;

function timeoutProblems({ postgres, databases }: With<"postgres" | "databases">): Problem[] {
  if (postgres.version >= firstWithTransactionTimeout) return [];
  const message = `found with PostgreSQL ${postgres.version}; allowed from ${firstWithTransactionTimeout} on: use statementTimeout and idleInTransactionTimeout instead`;
  return Object.entries(databases).flatMap(([database, { applications }]) =>
    Object.entries(applications)
      .filter(([, { transactionTimeout }]) => transactionTimeout !== undefined)
      .map(([name]) => ({ path: ["databases", database, "applications", name, "transactionTimeout"], message })),
  );
}

const databaseRules: readonly Rule<Databases>[] = [
  {
    path: () => ["databases"],
    holds: (databases) => Object.keys(databases).length > 0,
    message: () => "found no database; allowed: at least one",
  },
];

/** The figures build on each other: each is checked once those that it is computed from are right. */
function capacityProblems(sections: With<"platform" | "objectives" | "postgres" | "pooler" | "databases">): Problem[] {
  const postgres = sizedPostgres(sections);
  if (postgres === undefined || parameterProblems(postgres.parameters, postgres.version).length > 0) return [];
  const budget = budgetProblems({ ...sections, postgres }, mostPoolers(sections));
  if (budget.length > 0 || poolerProblems(sections.pooler).length > 0) return budget;
  const memory = memoryProblems(parameterInput({ ...sections, postgres }));
  const { sizeSetting } = definitionOf(sections.platform);
  return sizeSetting === undefined ? memory : memory.map((one) => ({ ...one, path: sizeSetting }));
}

const complianceProblems = (sections: With<"platform" | "backup" | "databases" | "postgres">): Problem[] =>
  brokenRules(hipaa.map(ruleOf("hipaa")), { ...sections, backup: planned(sections) });

const monitoringRules: readonly Rule<With<"platform" | "monitoring">>[] = [
  {
    path: () => ["monitoring", "enabled"],
    holds: ({ platform, monitoring }) => monitoring.enabled !== true || definitionOf(platform).monitoring,
    message: ({ platform }) =>
      `found true; platform ${platform} runs no Prometheus: omit it; your own Prometheus scrapes the collectors and evaluates the rules`,
  },
];

const checks = [
  check(["platform"], (sections) => brokenRules(platformRules, sections)),
  check(["platform", "postgres"], (sections) => brokenRules(sizeRules, sections)),
  check(["compliance", "platform", "backup", "databases", "postgres"], (sections) =>
    sections.compliance === "hipaa" ? complianceProblems(sections) : [],
  ),
  check(["postgres"], ({ postgres }) => parameterProblems(postgres.parameters, postgres.version)),
  check(["postgres", "pooler"], (sections) => brokenRules(parameterRules, sections)),
  check(["pooler"], ({ pooler }) => poolerProblems(pooler)),
  check(["databases"], ({ databases }) => [
    ...brokenRules(databaseRules, databases),
    ...nameProblems(databases),
    ...extensionProblems(databases),
  ]),
  check(["postgres", "databases"], timeoutProblems),
  check(["platform", "postgres", "databases"], ({ platform, compliance, postgres, databases }) =>
    auditProblems(postgres.parameters, withDemanded(databases, compliance, definitionOf(platform).defaults.extensions)),
  ),
  check(["network"], ({ network }) => networkProblems(network)),
  check(["platform", "objectives", "postgres", "pooler", "databases"], capacityProblems),
  check(["platform", "monitoring"], (sections) => brokenRules(monitoringRules, sections)),
  check(["monitoring"], ({ monitoring }) => receiverProblems(monitoring)),
  check(["platform", "backup"], (sections) => backupProblems(planned(sections))),
  check(["platform"], (sections) => definitionOf(sections.platform).problems(sections)),
];

/** Problems between sections, and those that a schema cannot state; in the order of the config. */
export const sectionProblems = (sections: Sections): Problem[] => checks.flatMap((find) => find(sections));
