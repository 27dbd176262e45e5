import type { Job } from "../../components/backup/job";

/** What logical backups need of a job. */
export type LogicalJob = Pick<Job, "stack" | "postgresBin" | "logical" | "tiers">;
