import { MB } from "../../lib/units";

/** WAL segments per 4 GiB of WAL, at PostgreSQL's stock 16 MB. */
const perLog = 256;

const segmentName = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/;

/** A WAL segment: its timeline, and its place counted from the first of all. */
export interface Segment {
  readonly timeline: number;
  readonly ordinal: number;
}

/** Reads a segment's name of 24 digits. Throws if it is not one. */
export function parseSegment(name: string): Segment {
  const found = segmentName.exec(name);
  if (found === null) throw new Error(`"${name}" is not a WAL segment`);
  const [timeline = 0, log = 0, segment = 0] = found.slice(1).map((part) => parseInt(part, 16));
  return { timeline, ordinal: log * perLog + segment };
}

/** Place of a segment from an LSN such as `0/3000028`. */
export function ordinalOf(lsn: string): number {
  const [high = "", low = ""] = lsn.split("/");
  return parseInt(high, 16) * perLog + Math.floor(parseInt(low, 16) / (16 * MB));
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");

export const nameOf = ({ timeline, ordinal }: Segment): string =>
  `${hex(timeline)}${hex(Math.floor(ordinal / perLog))}${hex(ordinal % perLog)}`;

/**
 * Segments that replay needs and the archive lacks: a recovery to the newest WAL ends without an error if one is missing.
 * A place may be filled by any timeline up to the newest, as each goes on where the one before was left.
 * @param names segments in the archive
 * @param from first segment that a backup needs
 * @returns their names, on the newest timeline that the archive has before the gap
 */
export function missingSegments(names: readonly string[], from: string): string[] {
  const first = parseSegment(from);
  const held = names
    .map(parseSegment)
    .filter(({ timeline, ordinal }) => timeline >= first.timeline && ordinal >= first.ordinal);
  const newestTimeline = Math.max(first.timeline, ...held.map(({ timeline }) => timeline));
  const last = Math.max(
    first.ordinal,
    ...held.filter((one) => one.timeline === newestTimeline).map((one) => one.ordinal),
  );
  const timelines = new Map<number, number>();
  for (const { timeline, ordinal } of held) timelines.set(ordinal, Math.max(timeline, timelines.get(ordinal) ?? 0));
  const missing: string[] = [];
  let timeline = first.timeline;
  for (let ordinal = first.ordinal; ordinal <= last; ordinal++) {
    timeline = Math.max(timeline, timelines.get(ordinal) ?? 0);
    if (!timelines.has(ordinal)) missing.push(nameOf({ timeline, ordinal }));
  }
  return missing;
}
