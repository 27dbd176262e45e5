import { Misuse, Refusal } from "../../../lib/errors";
import type { ListedSet } from "../../pgbackrest/sets";
import { describeTarget, lsnValue, type Target } from "./target";
import { holds, type Lineage, timelineOf } from "./timelines";

/** What there is to choose from. */
export interface Choice {
  /** Oldest first. */
  readonly sets: readonly ListedSet[];
  /** Timeline that the restore follows, with those it comes from; absent for the backup's own. */
  readonly lineage?: Lineage;
}

/** True if the backup is complete before the target: only then can a restore of it stop there. */
function isBefore(set: ListedSet, target: Target): boolean {
  if (target.kind === "time") return set.stoppedAt <= target.at;
  if (target.kind === "lsn") return lsnValue(set.stopLsn) <= lsnValue(target.lsn);
  return true;
}

function named({ sets, lineage }: Choice, target: Target, label: string): ListedSet {
  const found = sets.find((set) => set.label === label);
  if (found === undefined)
    throw new Misuse(`there is no backup ${label}; there are: ${sets.map((set) => set.label).join(", ")}`);
  if (!isBefore(found, target))
    throw new Refusal(`backup ${label} ended after ${describeTarget(target)}; choose an older one, or omit --set`);
  // Its own end is on its own timeline.
  if (target.kind === "immediate" || lineage === undefined || holds(lineage, found)) return found;
  const own = timelineOf(found);
  throw new Refusal(
    `backup ${label} is on a part of timeline ${own} that timeline ${lineage.at(-1)?.timeline ?? ""} does not descend from. ` +
      `Follow its own (--timeline ${own}), or restore only to the end of the backup (--immediate)`,
  );
}

/**
 * The set to restore: the named one, else the newest sound one from which replay can go on to the target.
 * Throws a `Refusal` that says what there is instead.
 */
export function chooseSet(choice: Choice, target: Target, label?: string): ListedSet {
  const { sets, lineage } = choice;
  if (sets.length === 0) throw new Refusal("the repository has no backup");
  if (label !== undefined) return named(choice, target, label);
  const usable = sets.filter((set) => set.sound && (lineage === undefined || holds(lineage, set)));
  const chosen = usable.findLast((set) => isBefore(set, target));
  if (chosen !== undefined) return chosen;
  const [oldest] = usable;
  const on = lineage === undefined ? "" : ` on timeline ${lineage.at(-1)?.timeline ?? ""}`;
  throw new Refusal(
    oldest === undefined
      ? `no intact backup${on} can be restored; \`howdah backups\` lists all backups`
      : `no backup${on} is older than ${describeTarget(target)}; the oldest, ${oldest.label}, ended at ${new Date(oldest.stoppedAt).toISOString()} (LSN ${oldest.stopLsn})`,
  );
}
