import type { Duration } from "../lib/values";

/** Classes of backups that are kept for different times; the name is written into every backup. */
export const tierNames = ["hourly", "daily", "weekly", "monthly", "preMaintenance", "logical", "schema"] as const;
export type TierName = (typeof tierNames)[number];

/** What a tier takes. `full`, `diff` and `incr` are physical, of the whole cluster; `dump` and `schema` are logical, per database. */
export type BackupKind = "full" | "diff" | "incr" | "dump" | "schema";

export const tierKinds: Readonly<Record<TierName, BackupKind>> = {
  hourly: "incr",
  daily: "diff",
  weekly: "full",
  monthly: "full",
  preMaintenance: "incr",
  logical: "dump",
  schema: "schema",
};

export type PhysicalKind = Extract<BackupKind, "full" | "diff" | "incr">;

const physicalKinds: readonly BackupKind[] = ["full", "diff", "incr"];

/** True for what pgBackRest takes. */
export const isPhysical = (kind: BackupKind): kind is PhysicalKind => physicalKinds.includes(kind);

/** Which defaults a stack starts from. */
export const profiles = ["development", "staging", "production"] as const;
export type Profile = (typeof profiles)[number];

/** A tier as it runs: taken by `schedule` (cron, UTC; only on demand without one) and kept for at least `kept`. */
export interface Tier {
  readonly schedule: string | null;
  readonly kept: Duration;
}

/** Apart from each other on purpose, so that no two of them start at the same minute. */
const schedules: Readonly<Record<TierName, string | null>> = {
  hourly: "0 2-23 * * *",
  daily: "0 1 * * 1-6",
  weekly: "0 1 * * 0",
  monthly: "30 1 1 * *",
  preMaintenance: null,
  logical: null,
  schema: "40 1 * * 0",
};

const kept: Readonly<Record<Profile, Readonly<Record<TierName, Duration>>>> = {
  development: {
    hourly: "24 hours",
    daily: "7 days",
    weekly: "7 days",
    monthly: "7 days",
    preMaintenance: "7 days",
    logical: "7 days",
    schema: "7 days",
  },
  staging: {
    hourly: "24 hours",
    daily: "14 days",
    weekly: "14 days",
    monthly: "14 days",
    preMaintenance: "14 days",
    logical: "14 days",
    schema: "14 days",
  },
  production: {
    hourly: "24 hours",
    daily: "30 days",
    weekly: "90 days",
    monthly: "365 days",
    preMaintenance: "14 days",
    logical: "30 days",
    schema: "90 days",
  },
};

/** Days back from now to any second of which the cluster can be restored. */
export const pointInTimeWindows: Readonly<Record<Profile, Duration>> = {
  development: "7 days",
  staging: "14 days",
  production: "30 days",
};

/** A monthly backup that is kept no longer than a weekly one protects nothing. */
const scheduled = (profile: Profile, name: TierName): string | null =>
  name === "monthly" && profile !== "production" ? null : schedules[name];

/** The tiers of a profile, before the config changes any. */
export function defaultTiers(profile: Profile): Record<TierName, Tier> {
  const entries = tierNames.map((name) => [
    name,
    { schedule: scheduled(profile, name), kept: kept[profile][name] } satisfies Tier,
  ]);
  return Object.fromEntries(entries) as Record<TierName, Tier>;
}
