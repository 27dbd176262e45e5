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

/** What a platform takes if the config does not say. */
export interface BackupDefaults {
  readonly profile: Profile;
  /** Schedule of the logical tier. Default: on demand only. */
  readonly dumps?: string | null;
}

/**
 * Fills in what the profile says.
 * @param settings section `backup` of the config
 * @param defaults what the platform takes if the section does not say
 */
export function backupPlan(settings: BackupSettings, { profile: usual, dumps = null }: BackupDefaults): BackupPlan {
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
