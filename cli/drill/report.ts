import { z } from "zod";
import type { LocalStackFile } from "../../contracts/stack-file";
import { readHistory, appendHistory } from "../records/history";

/** What a drill looks at, in this order. */
export const checkNames = [
  "restore",
  "archive",
  "replay",
  "tables",
  "canary",
  "catalog",
  "amcheck",
  "samples",
  "checksums",
] as const;
export type CheckName = (typeof checkNames)[number];

/** Stands for a check if a drill has ended by itself between two, or before the first. */
export const ownFailure = "drill";

export const drillSchema = z.object({
  /** When it ended; ISO 8601. */
  at: z.string(),
  passed: z.boolean(),
  /** Label of the backup; of dumps, their names; empty if the drill did not get as far as to choose. */
  set: z.string(),
  /** True if the WAL was switched by the drill itself: the RPO is not measured then. */
  quick: z.boolean(),
  /** From nothing to a server that accepts writes. */
  rtoSeconds: z.number().optional(),
  /** From the canary's commit to its arrival in the repository; of dumps, the age of the oldest when the drill began. */
  rpoSeconds: z.number().optional(),
  /** Bytes of the restored cluster. */
  size: z.number(),
  checks: z.array(z.object({ name: z.enum(checkNames), detail: z.string() })),
  /** First check that failed, and why; or why the drill did not come to an end. */
  cause: z.object({ check: z.enum([...checkNames, ownFailure]), reason: z.string() }).optional(),
});

export type DrillReport = z.output<typeof drillSchema>;

const file = "drills.jsonl";

export const recordDrill = ({ folders }: LocalStackFile, report: DrillReport): Promise<void> =>
  appendHistory(folders.history, file, report);

/** Every drill on record, oldest first. */
export const readDrills = ({ folders }: LocalStackFile): Promise<DrillReport[]> =>
  readHistory(folders.history, file, drillSchema);
