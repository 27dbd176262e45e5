import type { SharedStackFile } from "../../contracts/stack-file";
import { tierNames } from "../../contracts/tiers";
import { toSeconds } from "../../lib/values";
import type { FailoverPlan } from "../postgres/objectives";
import type { Objectives } from "../postgres/schema";
import type { BackupPlan } from "./plan";

export interface SharedInput {
  readonly backup: BackupPlan;
  readonly plan: Pick<FailoverPlan, "archiveTimeout">;
  readonly objectives: Pick<Objectives, "rto">;
  readonly logical: SharedStackFile["logical"];
  /** File with the URL of the webhook. Default: the config's. */
  readonly urlFile?: string;
}

/** The part of a stack file that the command needs on every platform. */
export function sharedStackFile({ backup, plan, objectives, logical, urlFile }: SharedInput): SharedStackFile {
  const { tiers, notify, drill, pointInTime } = backup;
  return {
    tiers: Object.fromEntries(
      tierNames.map((name) => [name, { schedule: tiers[name].schedule, keptSeconds: toSeconds(tiers[name].kept) }]),
    ) as SharedStackFile["tiers"],
    logical,
    ...(notify === undefined ? {} : { notify: { ...notify, urlFile: urlFile ?? notify.urlFile } }),
    objectives: {
      rtoSeconds: toSeconds(objectives.rto),
      archiveSeconds: plan.archiveTimeout,
      drillSeconds: toSeconds(drill.overdue),
      pointInTimeSeconds: toSeconds(pointInTime),
    },
  };
}
