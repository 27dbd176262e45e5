import type { BackupPlan } from "../backup/plan";
import { auditedClasses, usualAudit } from "../postgres/extensions/audit";
import type { Databases, PostgresSection } from "../postgres/schema";
import { type Duration, toSeconds } from "../../lib/values";
import type { Minimum } from "./rule";

/** What the minimums of every platform look at. */
export interface HipaaSections {
  readonly backup: BackupPlan;
  readonly databases: Databases;
  readonly postgres: Pick<PostgresSection, "parameters" | "replicas">;
}

const days = (duration: Duration): number => toSeconds(duration) / 86_400;

const longest = (databases: Databases): number =>
  Math.max(
    0,
    ...Object.values(databases).flatMap(({ applications }) =>
      Object.values(applications).map(({ idleInTransactionTimeout }) => toSeconds(idleInTransactionTimeout)),
    ),
  );

const auditOf = ({ postgres }: HipaaSections): string => String(postgres.parameters["pgaudit.log"] ?? usualAudit);

/**
 * Minimums for electronic protected health information: the Security Rule, 45 CFR part 164 subpart C. It names aims and no figures; the
 * figures are what auditors commonly take. Encryption in transit and at rest, unique logins, and logs of connections and DDL
 * are howdah's own defaults that no config changes.
 */
export const hipaa: readonly Minimum<HipaaSections>[] = [
  {
    name: "hipaa-data-backup",
    source: "45 CFR 164.308(a)(7)(ii)(A)",
    path: ["backup", "pointInTime"],
    holds: ({ backup }) => days(backup.pointInTime) >= 30,
    message: ({ backup }) => `found "${backup.pointInTime}"; allowed: at least "30 days"`,
  },
  {
    name: "hipaa-long-term-backup",
    source: "45 CFR 164.316(b)(2)(i)",
    path: ["backup", "tiers", "monthly"],
    holds: ({ backup: { tiers } }) => tiers.monthly.schedule !== null && days(tiers.monthly.kept) >= 365,
    message: ({ backup: { tiers } }) =>
      tiers.monthly.schedule === null
        ? "found no schedule; allowed: a monthly backup, kept for a year or longer"
        : `found "${tiers.monthly.kept}"; allowed: kept for at least "365 days"`,
  },
  {
    name: "hipaa-restore-testing",
    source: "45 CFR 164.308(a)(7)(ii)(D)",
    path: ["backup", "drill", "overdue"],
    holds: ({ backup }) => days(backup.drill.overdue) <= 31,
    message: ({ backup }) => `found "${backup.drill.overdue}"; allowed: at most "31 days"`,
  },
  {
    name: "hipaa-automatic-logoff",
    source: "45 CFR 164.312(a)(2)(iii)",
    path: ["databases"],
    holds: ({ databases }) => longest(databases) <= 900,
    message: ({ databases }) =>
      `found an idleInTransactionTimeout of ${longest(databases)} seconds; allowed: at most "15 minutes"`,
  },
  {
    name: "hipaa-audit-controls",
    source: "45 CFR 164.312(b)",
    path: ["postgres", "parameters", "pgaudit.log"],
    holds: (sections) => ["ddl", "role"].every((name) => auditedClasses(auditOf(sections)).has(name)),
    message: (sections) => `found "${auditOf(sections)}"; allowed: a list with ddl and role, or all`,
  },
  {
    name: "hipaa-emergency-mode",
    source: "45 CFR 164.308(a)(7)(ii)(C)",
    path: ["postgres", "replicas"],
    holds: ({ postgres }) => postgres.replicas >= 1,
    message: ({ postgres }) =>
      `found ${postgres.replicas}; allowed: one or more, so that the service survives the loss of a server`,
  },
];
