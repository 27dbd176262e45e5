import type { Objectives } from "../../../postgres/schema";
import { type Rule, toSeconds } from "../../../../lib/values";
import type { AwsSettings } from "../schema/schema";

interface Sections {
  readonly aws: AwsSettings;
  readonly postgres: { readonly replicas: number };
  readonly objectives: Objectives;
}

interface Failover {
  /** The longest time without writes after the loss of the primary. */
  readonly seconds: number;
  readonly what: string;
  /** The most acknowledged work, in seconds, that the loss of the primary takes with it. */
  readonly lost: number;
  /** Config that does better. */
  readonly better: string;
}

/** Seconds between two uploads of WAL; Amazon RDS User Guide, "Restoring a DB instance to a specified time". */
const uploadSeconds = 300;

/**
 * What the services state of themselves: Amazon RDS User Guide, "Failing over a Multi-AZ DB instance" (60 to 120 s) and "Multi-AZ DB
 * cluster deployments" (typically under 35 s); Amazon Aurora User Guide, "High availability" (typically under 30 s; without
 * a reader the writer is made again, typically under 10 minutes). A single instance comes back from a backup: an hour is
 * our own figure, and a large database takes longer.
 */
export function failoverOf({ aws, postgres }: Omit<Sections, "objectives">): Failover {
  if (aws.topology === "rds-cluster")
    return { seconds: 35, what: "a Multi-AZ DB cluster", lost: 0, better: "howdah:aws.topology aurora" };
  if (aws.topology === "aurora")
    return postgres.replicas > 0
      ? { seconds: 30, what: "Aurora with readers", lost: 0, better: "a larger rto: nothing on AWS is faster" }
      : { seconds: 600, what: "Aurora without a reader", lost: 0, better: "howdah:postgres.replicas 1 or more" };
  return aws.multiAz === false
    ? { seconds: 3600, what: "an instance without a standby", lost: uploadSeconds, better: "howdah:aws.multiAz true" }
    : { seconds: 120, what: "a Multi-AZ instance", lost: 0, better: "howdah:aws.topology rds-cluster or aurora" };
}

/** Objectives that the topology cannot meet. */
export const awsObjectiveRules: readonly Rule<Sections>[] = [
  {
    path: () => ["objectives", "rto"],
    holds: (sections) => toSeconds(sections.objectives.rto) >= failoverOf(sections).seconds,
    message: (sections) => {
      const { seconds, what, better } = failoverOf(sections);
      return `found "${sections.objectives.rto}"; allowed: at least "${seconds} seconds", the failover of ${what}; or ${better}`;
    },
  },
  {
    path: () => ["objectives", "rpo"],
    holds: (sections) => toSeconds(sections.objectives.rpo) >= failoverOf(sections).lost,
    message: (sections) => {
      const { lost, what, better } = failoverOf(sections);
      return `found "${sections.objectives.rpo}"; allowed: at least "${lost} seconds", what ${what} may lose; or ${better}`;
    },
  },
];
