import type { Job } from "../../contracts/stack-file";

/** What logical backups need of a job. */
export type LogicalJob = Pick<Job, "stack" | "postgresBin" | "logical" | "tiers">;
