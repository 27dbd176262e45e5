import { type SetName, setNames } from "../../../contracts/metrics/collector";
import type { Cloud, PlatformInput } from "../../ports";
import { scheduledJobs } from "../jobs/plan";

/** Of a machine: its supervisor, its logs and its repository. */
const ofMachines: readonly SetName[] = ["services", "logs", "repository"];

/** Collected in the pods of the poolers. */
const ofPoolers: readonly SetName[] = ["pooler", "certificates"];

export interface SetsInput {
  readonly input: Pick<PlatformInput, "backup" | "budget">;
  readonly cloud: Pick<Cloud, "unmeasured">;
}

/** Sets of metrics that are collected next to a cloud's database: alerts on any other are left out. */
export function measuredSets({ input, cloud }: SetsInput): SetName[] {
  const hasDrills = scheduledJobs(input.backup).some(({ job }) => job === "drill");
  const without: readonly SetName[] = [
    ...(hasDrills ? [] : (["drills"] as const)),
    ...(input.budget.hasProbe ? [] : (["probe"] as const)),
  ];
  const missing = [...ofMachines, ...cloud.unmeasured, ...without];
  return setNames.filter((name) => !missing.includes(name));
}

/** Those of them that the stack's own collector fills. */
export const collectorSets = (args: SetsInput): SetName[] =>
  measuredSets(args).filter((name) => !ofPoolers.includes(name));
