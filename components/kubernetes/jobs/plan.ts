import type { BackupPlan } from "../../backup/plan";
import type { ScheduledName } from "./pod";

/** A job on a schedule. */
export interface ScheduledJob {
  /** Name of the CronJob. */
  readonly name: string;
  /** Service account that it runs as. */
  readonly job: ScheduledName;
  /** Five cron fields, UTC. */
  readonly schedule: string;
  /** Arguments of the `howdah` command. */
  readonly args: readonly string[];
  /** Time limit of a run with its repeats, in seconds. */
  readonly deadlineSeconds: number;
}

/** Maintenance runs after the dumps; indexes are rebuilt once a week, before a day off. */
const vacuuming = "40 3 * * *";
const reindexing = "10 4 * * 6";

const hour = 3600;

/** The jobs next to a cloud's database. Without the private key of the dumps there is no drill, which could not decrypt them. */
export function scheduledJobs({ tiers, drill, logical }: BackupPlan): ScheduledJob[] {
  const { schedule: dumps } = tiers.logical;
  const { schedule: schemas } = tiers.schema;
  const dump = { job: "dump", deadlineSeconds: 6 * hour } as const;
  const maintenance = { job: "maintenance", deadlineSeconds: 4 * hour } as const;
  return [
    ...(dumps === null
      ? []
      : [{ ...dump, name: "dump", schedule: dumps, args: ["backup", "logical", "--tier", "logical"] }]),
    ...(schemas === null
      ? []
      : [{ ...dump, name: "dump-schema", schedule: schemas, args: ["backup", "schema", "--tier", "schema"] }]),
    ...(logical.recipient === undefined
      ? [{ name: "drill", job: "drill", schedule: drill.schedule, args: ["drill"], deadlineSeconds: 6 * hour } as const]
      : []),
    { ...maintenance, name: "maintenance", schedule: vacuuming, args: ["maintain"] },
    { ...maintenance, name: "maintenance-reindex", schedule: reindexing, args: ["maintain", "--reindex"] },
  ];
}
