import type { Duration } from "../../lib/values";
import type { BackupSettings } from "./schema";
import {
  defaultTiers,
  pointInTimeWindows,
  type Profile,
  type Tier,
  tierNames,
  type TierName,
} from "../../contracts/tiers";

/** The backup settings with every default filled in. */
export interface BackupPlan extends Omit<BackupSettings, "profile" | "tiers" | "pointInTime"> {
  readonly profile: Profile;
  readonly tiers: Readonly<Record<TierName, Tier>>;
  readonly pointInTime: Duration;
}

/** Profile of a stack whose config names none. */
export const profileOf = (platform: "local" | "aws"): Profile => (platform === "local" ? "development" : "production");

/** When dumps are taken where the config does not say: beside a cloud's snapshots a dump is what opens elsewhere, so every night. */
export const usualDumps = (platform: "local" | "aws"): string | null => (platform === "local" ? null : "20 2 * * *");

/**
 * Fills in what the profile says.
 * @param settings section `backup` of the config
 * @param usual profile where the section names none
 * @param dumps schedule of the logical tier where the section names none
 */
export function backupPlan(settings: BackupSettings, usual: Profile, dumps: string | null = null): BackupPlan {
  const profile = settings.profile ?? usual;
  const defaults = defaultTiers(profile);
  const merged = tierNames.map((name): [TierName, Tier] => {
    const own = settings.tiers[name];
    const usualSchedule = name === "logical" ? dumps : defaults[name].schedule;
    const schedule = own?.schedule === undefined ? usualSchedule : own.schedule;
    return [name, { schedule, kept: own?.kept ?? defaults[name].kept }];
  });
  return {
    ...settings,
    profile,
    tiers: Object.fromEntries(merged) as Record<TierName, Tier>,
    pointInTime: settings.pointInTime ?? pointInTimeWindows[profile],
  };
}
