import { isPhysical, type PhysicalKind, tierKinds, tierNames, type TierName } from "../../contracts/tiers";

/** A physical backup in the repository. */
export interface BackupSet {
  /** pgBackRest's name, for example `20261125-010000F_20261125-020000I`. */
  readonly label: string;
  readonly kind: PhysicalKind;
  /** Tier that it was taken for; absent if pgBackRest was run manually. */
  readonly tier?: TierName;
  /** Labels of all the backups that it needs. */
  readonly needs: readonly string[];
  /** Milliseconds since the epoch. */
  readonly stoppedAt: number;
  /** False if pgBackRest found pages with a wrong checksum. */
  readonly sound: boolean;
}

export interface RetentionInput {
  readonly now: number;
  /** Milliseconds that a backup of each tier is kept. */
  readonly kept: Readonly<Record<TierName, number>>;
  /** Milliseconds back from now of which any moment can be restored. */
  readonly pointInTime: number;
  /** Labels of backups from which no WAL leads to now: those of another cluster, or of a timeline's part that a restore in place gave up. */
  readonly abandoned?: ReadonlySet<string>;
}

/** A backup without a tier counts as the first tier of its kind. */
const tierOf = ({ tier, kind }: BackupSet): TierName =>
  tier ?? tierNames.find((name) => isPhysical(tierKinds[name]) && tierKinds[name] === kind) ?? "weekly";

const newest = (sets: readonly BackupSet[]): BackupSet | undefined =>
  sets.reduce<BackupSet | undefined>(
    (best, set) => (best === undefined || set.stoppedAt > best.stoppedAt ? set : best),
    undefined,
  );

/** The newest intact backup before the window opens: to restore its first second, one replays from there. */
const baseOfWindow = (sets: readonly BackupSet[], { now, pointInTime }: RetentionInput): BackupSet | undefined =>
  newest(sets.filter(({ sound, stoppedAt }) => sound && stoppedAt <= now - pointInTime));

/** Those from which WAL leads to now. */
const onTheWay = (sets: readonly BackupSet[], { abandoned }: RetentionInput): readonly BackupSet[] =>
  sets.filter(({ label }) => abandoned?.has(label) !== true);

/** Backups that stay, with all that they need. */
export function keptLabels(sets: readonly BackupSet[], input: RetentionInput): ReadonlySet<string> {
  const wanted = sets.filter((set) => input.now - set.stoppedAt <= input.kept[tierOf(set)]);
  // Whatever the clock says, the newest intact backup is never given up, nor the newest that leads to now; the window has two bases likewise.
  const always = [sets, onTheWay(sets, input)].flatMap((some) => [
    newest(some.filter(({ sound }) => sound)),
    baseOfWindow(some, input),
  ]);
  const stay = [...wanted, ...always.filter((set) => set !== undefined)];
  return new Set(stay.flatMap(({ label, needs }) => [label, ...needs]));
}

/** Labels to expire, dependants before what they need. */
export function expiredLabels(sets: readonly BackupSet[], input: RetentionInput): string[] {
  const kept = keptLabels(sets, input);
  return sets
    .filter(({ label }) => !kept.has(label))
    .toSorted((left, right) => right.needs.length - left.needs.length || right.stoppedAt - left.stoppedAt)
    .map(({ label }) => label);
}

/**
 * How many of the newest full and differential backups keep the WAL that follows them: pgBackRest counts backups, not days
 * (`repo1-retention-archive`, type `diff`). WAL that a backup needs for itself always stays.
 */
export function walBackups(sets: readonly BackupSet[], input: RetentionInput): number {
  const counted = sets.filter(({ kind }) => kind !== "incr");
  const base = baseOfWindow(onTheWay(counted, input), input);
  return Math.max(1, counted.filter((set) => base === undefined || set.stoppedAt >= base.stoppedAt).length);
}
