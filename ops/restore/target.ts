import { hasControl } from "../../tools/printable";
import type { ListedSet } from "../pgbackrest/sets";
import { Refusal } from "../refusal";

/** How far a restore replays. */
export type Target =
  | { readonly kind: "latest" }
  /** Only until the backup is consistent. */
  | { readonly kind: "immediate" }
  | { readonly kind: "time"; readonly at: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "lsn"; readonly lsn: string };

const lsnForm = /^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/;

/** A place in the WAL as a number, for comparisons. Throws a `Refusal` where the text is none. */
export function lsnValue(lsn: string): bigint {
  if (!lsnForm.test(lsn)) throw new Refusal(`"${lsn}" is no place in the WAL; one looks like 0/3000028`);
  const [high = "", low = ""] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Words of the command line, as commander hands them over. */
export interface TargetWords {
  readonly toTime?: string;
  readonly toName?: string;
  readonly toLsn?: string;
  readonly immediate?: boolean;
}

const hasZone = /(Z|[+-]\d\d(:?\d\d)?)$/;

/** Reads a moment. One without a zone is refused: whose clock it is cannot be guessed. */
function momentOf(text: string): number {
  const iso = text
    .trim()
    .replace(/^(\d{4}-\d\d-\d\d) (\d)/, "$1T$2")
    .replace(/ UTC$/, "Z");
  const at = Date.parse(iso.replace(/([+-]\d\d)$/, "$1:00"));
  if (Number.isNaN(at) || !hasZone.test(iso))
    throw new Refusal(
      `"${text}" is no moment with a zone; one looks like "2026-11-25 14:30:00 UTC" or 2026-11-25T14:30:00+01:00`,
    );
  return at;
}

/** Bytes of a name in PostgreSQL. */
const longestName = 63;

/** PostgreSQL allows any name; pgBackRest writes it between quotes as it is. */
function pointName(name: string): string {
  if (name === "" || Buffer.byteLength(name) > longestName || hasControl(name) || /['\\]/.test(name))
    throw new Refusal(
      `"${name}" is no name of a restore point that pgBackRest can go to: 1 to ${longestName} bytes without quote, backslash and control character; use --to-time or --to-lsn`,
    );
  return name;
}

/** The target that the words name; `latest` without any. Throws a `Refusal` where they name two, or none that exists. */
export function targetOf(words: TargetWords): Target {
  const named: Target[] = [
    ...(words.toTime === undefined ? [] : [{ kind: "time", at: momentOf(words.toTime) } as const]),
    ...(words.toName === undefined ? [] : [{ kind: "name", name: pointName(words.toName) } as const]),
    ...(words.toLsn === undefined ? [] : [{ kind: "lsn", lsn: words.toLsn } as const]),
    ...(words.immediate === true ? [{ kind: "immediate" } as const] : []),
  ];
  if (named.length > 1) throw new Refusal("one target at a time: --to-time, --to-name, --to-lsn or --immediate");
  const [target = { kind: "latest" }] = named;
  if (target.kind === "lsn") lsnValue(target.lsn);
  return target;
}

/** A target for a reader. */
export function describeTarget(target: Target): string {
  switch (target.kind) {
    case "latest":
      return "the newest WAL";
    case "immediate":
      return "the end of the backup";
    case "time":
      return new Date(target.at).toISOString();
    case "name":
      return `the restore point "${target.name}"`;
    case "lsn":
      return `LSN ${target.lsn}`;
  }
}

/** pgBackRest's words for a target. The server is promoted there; a time or an LSN is included. */
export function targetWords(target: Target): string[] {
  if (target.kind === "latest") return ["--type=default"];
  const action = "--target-action=promote";
  if (target.kind === "immediate") return ["--type=immediate", action];
  const value =
    target.kind === "time"
      ? new Date(target.at).toISOString().replace("T", " ").replace("Z", "+00")
      : target.kind === "name"
        ? target.name
        : target.lsn;
  return [`--type=${target.kind}`, `--target=${value}`, action];
}

/** True where a restore of the set can reach the target: the backup has to be complete before it. */
function reaches(set: ListedSet, target: Target): boolean {
  if (target.kind === "time") return set.stoppedAt <= target.at;
  if (target.kind === "lsn") return lsnValue(set.stopLsn) <= lsnValue(target.lsn);
  return true;
}

/**
 * The set to restore: the named one, else the newest sound one that reaches the target.
 * Throws a `Refusal` that says what there is instead.
 */
export function chooseSet(sets: readonly ListedSet[], target: Target, label?: string): ListedSet {
  if (sets.length === 0) throw new Refusal("the repository holds no backup");
  if (label !== undefined) {
    const named = sets.find((set) => set.label === label);
    if (named === undefined)
      throw new Refusal(`there is no backup ${label}; there are: ${sets.map((set) => set.label).join(", ")}`);
    if (!reaches(named, target))
      throw new Refusal(
        `backup ${label} ended after ${describeTarget(target)}; choose an older one, or leave --set out`,
      );
    return named;
  }
  const chosen = sets.findLast((set) => set.sound && reaches(set, target));
  const [oldest] = sets;
  if (chosen !== undefined) return chosen;
  throw new Refusal(
    `no backup is older than ${describeTarget(target)}; the oldest, ${oldest?.label ?? ""}, ended at ${new Date(oldest?.stoppedAt ?? 0).toISOString()} (LSN ${oldest?.stopLsn ?? ""})`,
  );
}
