import { z } from "zod";
import { backrest, type RepositoryRef } from "../../pgbackrest/command";
import type { ListedSet } from "../../pgbackrest/sets";
import { ordinalOf, parseSegment } from "../../pgbackrest/wal";
import { lsnValue } from "./target";

/** A timeline, as far as another one follows it. */
export interface Branch {
  readonly timeline: number;
  /** LSN at which the next timeline leaves it; absent for the last one. */
  readonly end?: string;
}

/** A timeline with all those that it comes from, oldest first. */
export type Lineage = readonly Branch[];

/** The WAL archive of one cluster. */
export interface Archive {
  /** Names of all its segments. */
  readonly segments: readonly string[];
  /** When the history of each timeline arrived, in milliseconds since the epoch: shortly after the timeline began. The first has none. */
  readonly began: ReadonlyMap<number, number>;
}

const historyLine = /^\s*(\d+)\s+([0-9A-Fa-f]+\/[0-9A-Fa-f]+)/;

/**
 * Reads a timeline's history file: one line per parent, with the LSN at which it was left.
 * @param timeline whose history it is
 */
export function parseHistory(timeline: number, text: string): Lineage {
  const parents = text.split("\n").flatMap((line): Branch[] => {
    const found = historyLine.exec(line);
    return found === null ? [] : [{ timeline: Number(found[1]), end: found[2] ?? "" }];
  });
  return [...parents, { timeline }];
}

/** Timeline of a backup. */
export const timelineOf = ({ wal }: Pick<ListedSet, "wal">): number => parseSegment(wal.stop).timeline;

/** Whether replay along a lineage can begin at the backup: PostgreSQL refuses one that ended after its timeline was left. */
export function holds(lineage: Lineage, set: Pick<ListedSet, "wal" | "stopLsn">): boolean {
  const branch = lineage.find(({ timeline }) => timeline === timelineOf(set));
  if (branch === undefined) return false;
  return branch.end === undefined || lsnValue(set.stopLsn) <= lsnValue(branch.end);
}

/** The segments that replay along a lineage can use. The one in which a timeline is left may be of either. */
export function segmentsOn(lineage: Lineage, names: readonly string[]): string[] {
  const spans = new Map(
    lineage.map(({ timeline, end }, at) => {
      const before = lineage[at - 1]?.end;
      const first = before === undefined ? 0 : ordinalOf(before);
      return [timeline, { first, last: end === undefined ? Infinity : ordinalOf(end) }];
    }),
  );
  return names.filter((name) => {
    const { timeline, ordinal } = parseSegment(name);
    const span = spans.get(timeline);
    return span !== undefined && span.first <= ordinal && ordinal <= span.last;
  });
}

/** A part of a timeline that a restore in place has left behind. */
export interface Abandoned {
  readonly timeline: number;
  /** LSN behind which it was given up. */
  readonly from: string;
  /** When the timeline began that goes on instead; milliseconds since the epoch. */
  readonly until: number;
}

/** The parts of a lineage's timelines that were written, archived and given up. */
export const abandonedParts = (lineage: Lineage, { segments, began }: Archive): Abandoned[] =>
  lineage.flatMap(({ timeline, end }, at) => {
    const next = lineage[at + 1];
    if (end === undefined || next === undefined) return [];
    const beyond = segments.map(parseSegment).some((one) => one.timeline === timeline && one.ordinal > ordinalOf(end));
    return beyond ? [{ timeline, from: end, until: began.get(next.timeline) ?? Infinity }] : [];
  });

const listing = z.record(z.string(), z.object({ type: z.string(), time: z.number().optional() }));

/** Reads what `pgbackrest repo-ls --recurse --output=json` says of an archive. */
export function parseArchive(json: string): Archive {
  const files = Object.entries(listing.parse(JSON.parse(json)));
  const began = files.flatMap(([path, { time = 0 }]) => {
    const found = /^([0-9A-F]{8})\.history$/.exec(path)?.[1];
    return found === undefined ? [] : [[parseInt(found, 16), time * 1000] as const];
  });
  const segments = files.flatMap(([path]) => /([0-9A-F]{24})-[0-9a-f]{40}/.exec(path)?.[1] ?? []);
  return { segments, began: new Map(began) };
}

/** The archive of one cluster, and the lineage of its newest timeline. */
export async function newestLineage(
  at: RepositoryRef,
  archiveId: string,
): Promise<{ readonly archive: Archive; readonly lineage: Lineage }> {
  const archive = await readArchive(at, archiveId);
  return { archive, lineage: await readLineage(at, { archiveId, archive }, newestTimeline(archive)) };
}

/** Reads the archive of one cluster. @param archiveId its folder, for example `15-1` */
export async function readArchive(at: RepositoryRef, archiveId: string): Promise<Archive> {
  const options = ["--log-level-console=error", "--recurse", "--output=json", "repo-ls"];
  return parseArchive(await backrest(at, [...options, `archive/${at.stanza}/${archiveId}`]));
}

/** The newest timeline of which an archive has the history. */
export const newestTimeline = ({ began }: Archive): number => Math.max(1, ...began.keys());

/** Reads the lineage of a timeline from the archive. One without a history there has no parents that a replay could follow. */
export async function readLineage(
  at: RepositoryRef,
  { archiveId, archive }: { readonly archiveId: string; readonly archive: Archive },
  timeline: number,
): Promise<Lineage> {
  if (!archive.began.has(timeline)) return [{ timeline }];
  const name = `${timeline.toString(16).toUpperCase().padStart(8, "0")}.history`;
  const path = `archive/${at.stanza}/${archiveId}/${name}`;
  return parseHistory(timeline, await backrest(at, ["--log-level-console=error", "repo-get", path]));
}
