import { formatBytes, formatTime } from "../format";
import { type Catalog, type ListedSet } from "../pgbackrest/sets";
import { archivedSegments, missingSegments } from "../pgbackrest/wal";
import type { RepositoryRef } from "../pgbackrest/command";
import { Refusal } from "../refusal";
import { chooseSet, describeTarget, type Target } from "./target";

export interface RestoreRequest {
  readonly target: Target;
  readonly set?: string;
  /** Timeline to follow, or `current` for the backup's own; default: the newest. */
  readonly timeline?: string;
}

/** What a restore would do with which backup. */
export interface RestorePlan extends RestoreRequest {
  readonly chosen: ListedSet;
}

/**
 * Chooses the backup and looks whether the WAL behind it is whole, as far as that can be told beforehand.
 * Throws a `Refusal` where the target cannot be reached.
 */
export async function planRestore(
  from: RepositoryRef,
  { sets, archiveId }: Catalog,
  request: RestoreRequest,
): Promise<RestorePlan> {
  const chosen = chooseSet(sets, request.target, request.set);
  if (request.target.kind === "latest") {
    const names = archiveId === undefined ? [] : await archivedSegments(from, archiveId);
    const [missing] = missingSegments(names, chosen.wal.start);
    if (missing !== undefined)
      throw new Refusal(
        `the archive lacks WAL segment ${missing}: replay would end there without a word, and all that was committed after it be missing. ` +
          "Restore to a moment before it (--to-time, --to-lsn), or say that the backup's own end will do (--immediate)",
      );
  }
  return { ...request, chosen };
}

/** The plan's lines for a reader. */
export function describePlan({ chosen, target, timeline }: RestorePlan): string[] {
  return [
    `backup ${chosen.label} (${chosen.kind}, ${formatTime(chosen.stoppedAt)}, ${formatBytes(chosen.size)}), its files checked one by one`,
    `replay of WAL from ${chosen.wal.start} to ${describeTarget(target)}${timeline === undefined ? "" : `, along timeline ${timeline}`}`,
  ];
}
