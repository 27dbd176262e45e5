import { z } from "zod";

/**
 * Literal units and the one parser for each. A figure in config always carries its unit, so that "30" is never
 * seconds in one place and minutes in the next.
 */

const durationUnits = {
  millisecond: 1,
  milliseconds: 1,
  second: 1_000,
  seconds: 1_000,
  minute: 60_000,
  minutes: 60_000,
  hour: 3_600_000,
  hours: 3_600_000,
  day: 86_400_000,
  days: 86_400_000,
} as const;

const sizeUnits = { kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 } as const;

export type Duration = `${number} ${keyof typeof durationUnits}`;
export type Size = `${number} ${keyof typeof sizeUnits}`;

const patternOf = (units: Record<string, number>): RegExp =>
  new RegExp(`^(\\d{1,12}(?:\\.\\d{1,6})?) (${Object.keys(units).join("|")})$`);
const durationPattern = patternOf(durationUnits);
const sizePattern = patternOf(sizeUnits);

function scale(text: string, pattern: RegExp, units: Record<string, number>): number {
  const [, figure, unit] = pattern.exec(text) ?? [];
  const factor = unit === undefined ? undefined : units[unit];
  if (figure === undefined || factor === undefined) throw new Error(`${text} does not match ${pattern.source}`);
  return Number(figure) * factor;
}

/** Milliseconds of a duration such as `"30 seconds"`. Throws where the text is none. */
export const toMilliseconds = (duration: Duration): number => scale(duration, durationPattern, durationUnits);

/** Seconds of a duration such as `"5 minutes"`; may be a fraction. Throws where the text is none. */
export const toSeconds = (duration: Duration): number => toMilliseconds(duration) / 1000;

/** Bytes of a size such as `"16 GB"`, rounded down; units are powers of 1024, as PostgreSQL reads them. Throws where the text is none. */
export const toBytes = (size: Size): number => Math.floor(scale(size, sizePattern, sizeUnits));

/** Smallest and largest value that is accepted, both inclusive; each is optional. */
export interface Range<T> {
  readonly min?: T;
  readonly max?: T;
}

function within<T extends Duration | Size>(range: Range<T>, measure: (value: T) => number): (value: T) => boolean {
  return (value) =>
    (range.min === undefined || measure(value) >= measure(range.min)) &&
    (range.max === undefined || measure(value) <= measure(range.max));
}

function rangeText(range: Range<string>): string {
  const bounds = [
    range.min === undefined ? "" : `at least ${range.min}`,
    range.max === undefined ? "" : `at most ${range.max}`,
  ].filter((bound) => bound !== "");
  return bounds.length === 0 ? "" : `, ${bounds.join(" and ")}`;
}

/** A duration in config: `"<number> <unit>"`, for example `"30 seconds"`, within `range`. */
export function duration(range: Range<Duration> = {}): z.ZodType<Duration, string> {
  const error = `a duration such as "30 seconds", "5 minutes" or "7 days"${rangeText(range)}`;
  return z
    .string({ error })
    .regex(durationPattern, { error, abort: true })
    .meta({ examples: ["30 seconds", "5 minutes", "7 days"] })
    .transform((text) => text as Duration)
    .refine(within(range, toMilliseconds), { error });
}

/** A size in config: `"<number> <unit>"`, for example `"16 GB"`, within `range`. */
export function size(range: Range<Size> = {}): z.ZodType<Size, string> {
  const error = `a size such as "512 MB" or "16 GB"${rangeText(range)}`;
  return z
    .string({ error })
    .regex(sizePattern, { error, abort: true })
    .meta({ examples: ["512 MB", "16 GB"] })
    .transform((text) => text as Size)
    .refine(within(range, toBytes), { error });
}

/** A condition that a value has to meet, as data; all broken rules are reported together. */
export interface Rule<T> {
  /** Config path that the message is about, for example `["postgres", "replicas"]`. */
  readonly path: (value: T) => (string | number)[];
  /** True where the value is acceptable. */
  readonly holds: (value: T) => boolean;
  /** What is wrong, what is allowed and what to do. */
  readonly message: (value: T) => string;
}

/** One problem of a config, at a path. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Every rule that `value` breaks, in the order of the rules. */
export function brokenRules<T>(rules: readonly Rule<T>[], value: T): Problem[] {
  return rules
    .filter((rule) => !rule.holds(value))
    .map((rule) => ({ path: rule.path(value), message: rule.message(value) }));
}
