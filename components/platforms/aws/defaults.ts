import type { PlatformDefinition } from "../../ports";

/** Next to a cloud's snapshots a dump is what can be opened elsewhere, so one is taken every night. */
export const defaults = {
  profile: "production",
  dumps: "20 2 * * *",
  protect: true,
  // Members of rds_superuser, such as the master user, may create every extension that RDS has (RDS User Guide, "Understanding the
  // rds_superuser role").
  extensions: ["pg_stat_statements", "pgaudit"],
} as const satisfies PlatformDefinition["defaults"];
