import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { durationUnits, GB, kB, MB, TB, unitOf } from "./units";

/**
 * Literal units and the one parser for each. A figure in config always carries its unit, so that "30" is never
 * seconds in one place and minutes in the next.
 */

type DurationUnit = keyof typeof durationUnits;
const sizes = { kB, MB, GB, TB } as const;
type SizeUnit = keyof typeof sizes;

const durationWords = Object.keys(durationUnits) as DurationUnit[];
const sizeWords = Object.keys(sizes) as SizeUnit[];

export type Duration = `${number} ${DurationUnit}`;
export type Size = `${number} ${SizeUnit}`;

function scale(text: string, units: Readonly<Record<string, number>>): number {
  const [, figure, unit] = /^(-?\d+(?:\.\d+)?) ([A-Za-z]+)$/.exec(text) ?? [];
  const factor = unitOf(units, unit ?? "");
  if (figure === undefined || factor === undefined)
    throw new Error(`"${text}" is not a number with one of the units ${Object.keys(units).join(", ")}`);
  return Number(figure) * factor;
}

/** Milliseconds of a duration such as `"30 seconds"`. Throws if the text is invalid. */
export const toMilliseconds = (duration: Duration): number => scale(duration, durationUnits);

/** Seconds of a duration such as `"5 minutes"`; may be a fraction. Throws if the text is invalid. */
export const toSeconds = (duration: Duration): number => toMilliseconds(duration) / 1000;

/** Bytes of a size such as `"16 GB"`, rounded down; units are powers of 1024, as PostgreSQL reads them. Throws if the text is invalid. */
export const toBytes = (size: Size): number => Math.floor(scale(size, sizes));

/** Smallest and largest value that is accepted, both inclusive; each is optional. */
export interface Range<T> {
  readonly min?: T;
  readonly max?: T;
}

const within =
  <T extends Duration | Size>({ min, max }: Required<Range<T>>, measure: (value: T) => number) =>
  (value: T): boolean =>
    measure(value) >= measure(min) && measure(value) <= measure(max);

/** A duration in config: `"<number> <unit>"`, for example `"30 seconds"`, within `range`; default: from 0 to ten years. */
export function duration(range: Range<Duration> = {}): z.ZodType<Duration, Duration> {
  const full = { min: "0 seconds", max: "3650 days", ...range } as const;
  const error = `a duration such as "30 seconds", "5 minutes" or "7 days", from ${full.min} to ${full.max}`;
  return z
    .templateLiteral([z.number(), " ", z.enum(durationWords)], { error })
    .meta({ examples: ["30 seconds", "5 minutes", "7 days"] })
    .refine(within(full, toMilliseconds), { error });
}

/** A size in config: `"<number> <unit>"`, for example `"16 GB"`, within `range`; default: from 0 to 1024 TB. */
export function size(range: Range<Size> = {}): z.ZodType<Size, Size> {
  const full = { min: "0 kB", max: "1024 TB", ...range } as const;
  const error = `a size such as "512 MB" or "16 GB", from ${full.min} to ${full.max}`;
  return z
    .templateLiteral([z.number(), " ", z.enum(sizeWords)], { error })
    .meta({ examples: ["512 MB", "16 GB"] })
    .refine(within(full, toBytes), { error });
}

/** A condition that a value has to meet, as data; all broken rules are reported together. */
export interface Rule<T> {
  /** Config path that the message is about, for example `["postgres", "replicas"]`. */
  readonly path: (value: T) => (string | number)[];
  /** True if the value is acceptable. */
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

/** The known name that a misspelt one most likely stands for; none if all are too far away. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const guess = closest(name, known);
  return distance(name, guess) <= Math.max(2, Math.floor(guess.length / 3)) ? guess : undefined;
}

/** OpenSSL's name for the suites of TLS 1.2 that encrypt and authenticate in one step, with forward secrecy; TLS 1.3 has no others. */
export const tlsCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

/** True for a mapping: neither null nor a list. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
