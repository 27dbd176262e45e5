import { randomInt } from "node:crypto";

/** Which characters a password may and must hold. */
export interface Alphabet {
  /** Number of characters, at least 1 and at least the sum of the minimums. */
  readonly length: number;
  readonly upper: boolean;
  readonly lower: boolean;
  readonly numeric: boolean;
  readonly special: boolean;
  readonly minUpper: number;
  readonly minLower: number;
  readonly minNumeric: number;
  readonly minSpecial: number;
  /** Replaces the default special characters if not empty. */
  readonly overrideSpecial?: string | undefined;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** `count` characters of `set`, each equally likely: randomInt rejects the values that would bias a remainder. */
function pick(set: readonly string[], count: number): string[] {
  return Array.from({ length: count }, () => set[randomInt(set.length)] ?? "");
}

/** Fisher-Yates, so that the characters which a minimum forced in are not always the first ones. */
function shuffle(items: string[]): string[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other] ?? "", items[last] ?? ""];
  }
  return items;
}

/**
 * A password from the machine's cryptographic random numbers.
 * @throws if no class of characters is left to draw from
 */
export function drawPassword(want: Alphabet): string {
  const special = want.overrideSpecial === undefined || want.overrideSpecial === "" ? SPECIAL : want.overrideSpecial;
  const classes = [
    { set: Array.from(UPPER), allowed: want.upper, least: want.minUpper },
    { set: Array.from(LOWER), allowed: want.lower, least: want.minLower },
    { set: Array.from(DIGITS), allowed: want.numeric, least: want.minNumeric },
    { set: Array.from(special), allowed: want.special, least: want.minSpecial },
  ];
  const any = classes.filter((one) => one.allowed).flatMap((one) => one.set);
  if (any.length === 0) throw new Error("upper, lower, numeric and special are all false: no character is left");
  // A minimum counts even if its class is off, as with the official plugin.
  const forced = classes.flatMap((one) => pick(one.set, one.least));
  return shuffle([...forced, ...pick(any, want.length - forced.length)]).join("");
}
