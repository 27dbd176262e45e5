import type { PlatformDefinition } from "../../ports";

/** Next to a cloud's snapshots a dump is what can be opened elsewhere, so one is taken every night. */
export const defaults = {
  profile: "production",
  dumps: "20 2 * * *",
  protect: true,
} as const satisfies PlatformDefinition["defaults"];
