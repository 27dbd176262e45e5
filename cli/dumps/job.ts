import type { LocalStackFile } from "../../contracts/stack-file";

/** What logical backups need of a job. */
export type LogicalJob = Pick<LocalStackFile, "stack" | "postgresBin" | "logical" | "tiers">;
