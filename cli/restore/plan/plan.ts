import { Refusal } from "../../../lib/errors";
import { formatBytes, formatTime } from "../../../lib/text/format";
import type { RepositoryRef } from "../../pgbackrest/command";
import type { Catalog, ListedSet } from "../../pgbackrest/sets";
import { missingSegments } from "../../pgbackrest/wal";
import { chooseSet } from "./choose";
import { describeTarget, lsnValue, type Target } from "./target";
import {
  type Abandoned,
  abandonedParts,
  type Archive,
  type Lineage,
  newestTimeline,
  readArchive,
  readLineage,
  segmentsOn,
} from "./timelines";

export interface RestoreRequest {
  readonly target: Target;
  readonly set?: string;
  /** Timeline to follow, or `current` for the backup's own; default: `latest`, the newest. */
  readonly timeline?: string;
}

/** What a restore would do with which backup. */
export interface RestorePlan {
  readonly target: Target;
  readonly chosen: ListedSet;
  /** Value for `recovery_target_timeline`. */
  readonly timeline: string;
  /** What the target could have meant as well, and how to get that. */
  readonly notes: readonly string[];
}

/** Throws a `Refusal` unless the word is one for a timeline. */
export function checkTimeline(word: string): void {
  if (/^(current|latest|[1-9]\d{0,8})$/.test(word)) return;
  throw new Refusal(
    `"${word}" is not a timeline: give a number such as 2, \`latest\`, or \`current\` for the backup's own`,
  );
}

/** What a timeline is in an archive: its lineage, and its word for PostgreSQL. */
interface Followed {
  readonly archive: Archive;
  /** Absent for each backup's own. */
  readonly lineage?: Lineage;
  readonly word: string;
}

async function follow(
  from: RepositoryRef,
  archiveId: string,
  { target, timeline = "latest" }: RestoreRequest,
): Promise<Followed> {
  const archive = await readArchive(from, archiveId);
  if (timeline === "current") return { archive, word: timeline };
  const known = [1, ...archive.began.keys()].toSorted((one, other) => one - other);
  const wanted = timeline === "latest" ? newestTimeline(archive) : Number(timeline);
  if (!known.includes(wanted)) throw new Refusal(`the archive has no timeline ${wanted}; it has ${known.join(", ")}`);
  const lineage = await readLineage(from, { archiveId, archive }, wanted);
  // The end of a backup is on its own timeline, whichever that is.
  return { archive, lineage, word: target.kind === "immediate" ? "current" : String(wanted) };
}

/** Where a target is both on the timeline that is followed and on a part of another that was given up. */
function ambiguities({ target }: RestoreRequest, { lineage, archive }: Followed): string[] {
  if (lineage === undefined) return [];
  const isAlsoOn = ({ from, until }: Abandoned): boolean =>
    (target.kind === "time" && target.at < until) || (target.kind === "lsn" && lsnValue(target.lsn) > lsnValue(from));
  return abandonedParts(lineage, archive)
    .filter(isAlsoOn)
    .map(
      ({ timeline, from, until }) =>
        `timeline ${timeline} ended at LSN ${from}, with a restore in place that took effect ${Number.isFinite(until) ? `at ${formatTime(until)}` : "later"}: ` +
        `to restore what was committed in between, use --timeline ${timeline}`,
    );
}

/** @throws Refusal if WAL is missing on the way to the newest: replay would end there without an error. */
function checkWhole(chosen: ListedSet, { archive, lineage }: Followed): void {
  const names = lineage === undefined ? archive.segments : segmentsOn(lineage, archive.segments);
  const [missing] = missingSegments(names, chosen.wal.start);
  if (missing === undefined) return;
  throw new Refusal(
    `WAL segment ${missing} is missing from the archive: replay would end there without an error, and all later commits would be missing. ` +
      "Restore to a target before it (--to-time, --to-lsn), or only to the end of the backup (--immediate)",
  );
}

/** The backups of the cluster that the target is about: a repository may have seen several, one after the other. */
function sameCluster(sets: readonly ListedSet[], { target, set }: RestoreRequest): readonly ListedSet[] {
  const named = sets.find(({ label }) => label === set);
  const newest = sets.findLast(({ stoppedAt }) => target.kind !== "time" || stoppedAt <= target.at) ?? sets.at(-1);
  const { archiveId } = named ?? newest ?? {};
  return sets.filter((one) => one.archiveId === archiveId);
}

/**
 * Chooses the timeline and the backup, and looks whether the WAL behind it is whole, as far as that can be told beforehand.
 * @throws Refusal if the target cannot be reached.
 */
export async function planRestore(
  from: RepositoryRef,
  { sets }: Pick<Catalog, "sets">,
  request: RestoreRequest,
): Promise<RestorePlan> {
  const { target, set, timeline } = request;
  if (timeline !== undefined) checkTimeline(timeline);
  const own = sameCluster(sets, request);
  const archiveId = own[0]?.archiveId;
  if (archiveId === undefined) throw new Refusal("the repository has no backup");
  if (set !== undefined && !sets.some(({ label }) => label === set))
    throw new Refusal(`there is no backup ${set}; there are: ${sets.map(({ label }) => label).join(", ")}`);
  const followed = await follow(from, archiveId, request);
  const { lineage, word } = followed;
  const chosen = chooseSet({ sets: own, ...(lineage === undefined ? {} : { lineage }) }, target, set);
  if (target.kind === "latest") checkWhole(chosen, followed);
  return { target, chosen, timeline: word, notes: ambiguities(request, followed) };
}

/** The plan's lines for a reader. */
export function describePlan({ chosen, target, timeline, notes }: RestorePlan): string[] {
  return [
    `backup ${chosen.label} (${chosen.kind}, ${formatTime(chosen.stoppedAt)}, ${formatBytes(chosen.size)}), with every file verified`,
    `replay of WAL from ${chosen.wal.start} to ${describeTarget(target)}, along ${timeline === "current" ? "the backup's own timeline" : `timeline ${timeline}`}`,
    ...notes.map((note) => `note: ${note}`),
  ];
}
