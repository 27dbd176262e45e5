import { Refusal } from "../../../lib/errors";
import { hasControl } from "../../../lib/text/printable";

/** How far a restore replays. */
export type Target =
  | { readonly kind: "latest" }
  /** Only until the backup is consistent. */
  | { readonly kind: "immediate" }
  | { readonly kind: "time"; readonly at: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "lsn"; readonly lsn: string };

const lsnForm = /^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/;

/** A place in the WAL as a number, for comparisons. @throws Refusal if the text is invalid. */
export function lsnValue(lsn: string): bigint {
  if (!lsnForm.test(lsn)) throw new Refusal(`"${lsn}" is not an LSN such as 0/3000028`);
  const [high = "", low = ""] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Words of the command line, as commander hands them over. */
export interface TargetOptions {
  readonly toTime?: string;
  readonly toName?: string;
  readonly toLsn?: string;
  readonly immediate?: boolean;
}

const hasZone = /(Z|[+-]\d\d(:?\d\d)?)$/;

/** A moment for a reader: in UTC, and by the clock of this machine where that is another. */
function clock(at: number): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const utc = new Date(at).toISOString();
  if (timeZone === "UTC") return utc;
  return `${utc} (${new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium" }).format(at)} ${timeZone})`;
}

/**
 * Reads a moment. One without a zone is refused, as nothing says whose clock it is; so is one that has not come yet.
 * @param now milliseconds since the epoch
 */
function momentOf(text: string, now: number): number {
  const iso = text
    .trim()
    .replace(/^(\d{4}-\d\d-\d\d) (\d)/, "$1T$2")
    .replace(/ UTC$/, "Z");
  const at = Date.parse(iso.replace(/([+-]\d\d)$/, "$1:00"));
  if (Number.isNaN(at) || !hasZone.test(iso))
    throw new Refusal(
      `"${text}" is not a time with a zone, such as "2026-11-25 14:30:00 UTC" or 2026-11-25T14:30:00+01:00`,
    );
  if (at > now)
    throw new Refusal(
      `${clock(at)} is in the future: the clock of this machine says ${clock(now)}. Name a time in the past, or no target at all for the newest state`,
    );
  return at;
}

/** Bytes of a name in PostgreSQL. */
const longestName = 63;

/** Name of a restore point: PostgreSQL allows any without control characters. */
function pointName(name: string): string {
  if (name === "" || Buffer.byteLength(name) > longestName || hasControl(name))
    throw new Refusal(
      `${JSON.stringify(name)} is not a name of a restore point: a name has 1 to ${longestName} bytes and no control character`,
    );
  return name;
}

/**
 * The target that the words name; `latest` without any. @throws Refusal if they name two, or none that exists.
 * @param now milliseconds since the epoch
 */
export function targetOf(options: TargetOptions, now: number = Date.now()): Target {
  const named: Target[] = [
    ...(options.toTime === undefined ? [] : [{ kind: "time", at: momentOf(options.toTime, now) } as const]),
    ...(options.toName === undefined ? [] : [{ kind: "name", name: pointName(options.toName) } as const]),
    ...(options.toLsn === undefined ? [] : [{ kind: "lsn", lsn: options.toLsn } as const]),
    ...(options.immediate === true ? [{ kind: "immediate" } as const] : []),
  ];
  if (named.length > 1)
    throw new Refusal("more than one target: use only one of --to-time, --to-name, --to-lsn and --immediate");
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

/** PostgreSQL's settings for a target, none of them for the newest WAL. The server is promoted there; a time or an LSN is included. */
export function targetSettings(target: Target): Record<string, string> {
  const action = { recovery_target_action: "promote" };
  switch (target.kind) {
    case "latest":
      return {};
    case "immediate":
      return { recovery_target: "immediate", ...action };
    case "time":
      return {
        recovery_target_time: new Date(target.at).toISOString().replace("T", " ").replace("Z", "+00"),
        ...action,
      };
    case "name":
      return { recovery_target_name: target.name, ...action };
    case "lsn":
      return { recovery_target_lsn: target.lsn, ...action };
  }
}

/**
 * Says why a replay ended before its target, once it did.
 * @returns a function of the time of the last transaction that was replayed, if there was one
 */
export const explainEnd =
  (target: Target) =>
  (last: string | undefined): string => {
    const end = last === undefined ? "no transaction" : `its last transaction is from ${last}`;
    const archive = `the archive ends before the target, or a WAL segment before it is missing (${end})`;
    switch (target.kind) {
      case "name":
        return `no restore point of that name was created after the backup (${end}); if it is older, choose an older backup with --set`;
      case "time":
        return `${archive}. Omit the target to restore everything in the archive`;
      default:
        return archive;
    }
  };
