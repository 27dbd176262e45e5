import type { PlatformDefinition } from "../../ports";

/** Next to a cloud's snapshots a dump is what can be opened elsewhere, so one is taken every night. */
export const defaults = {
  profile: "production",
  dumps: "20 2 * * *",
  protect: true,
  // A config may name pg_stat_statements; by default it waits until a real RDS has shown that its administrator may create it.
  extensions: [],
} as const satisfies PlatformDefinition["defaults"];
