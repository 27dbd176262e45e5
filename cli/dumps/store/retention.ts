import type { Manifest } from "./manifest";
import { backupOf, dataName, manifestName } from "./names";
import type { Stored } from "./types";

/** Backups that replace one another. */
export type Series = Pick<Manifest, "stack" | "database" | "tier">;

/** How long, and seen from when. */
export interface Age {
  readonly now: Date;
  readonly keptSeconds: number;
}

const secondsSince = (moment: Date, now: Date): number => (now.getTime() - moment.getTime()) / 1000;

const isOf = (series: Series, { stack, database, tier }: Series): boolean =>
  stack === series.stack && database === series.database && tier === series.tier;

/**
 * Backups of a series that ended longer ago than they are kept. Never the newest, however old it is.
 * @param intact backups that can be restored, of any series
 */
export function expiredBackups(sound: readonly Manifest[], series: Series, { now, keptSeconds }: Age): Manifest[] {
  const newestFirst = sound
    .filter((manifest) => isOf(series, manifest))
    .toSorted((left, right) => Date.parse(right.endedAt) - Date.parse(left.endedAt));
  return newestFirst.slice(1).filter(({ endedAt }) => secondsSince(new Date(endedAt), now) > keptSeconds);
}

/** Reading back, between data and manifest, takes no longer. */
const daySeconds = 24 * 3600;

/** Names of data that never got a manifest, and are older than a day. */
export function leftovers(objects: readonly Stored[], now: Date): string[] {
  const names = new Set(objects.map(({ name }) => name));
  return objects
    .filter(({ name, writtenAt }) => {
      const backup = backupOf(name);
      if (backup === undefined || name !== dataName(backup)) return false;
      return !names.has(manifestName(backup)) && secondsSince(writtenAt, now) > daySeconds;
    })
    .map(({ name }) => name);
}
