import type { BackupPlan } from "../backup/plan";
import type { ClientLimits } from "../pgbouncer/client-settings";
import type { ConnectionBudget } from "../capacity/connections";
import type { MonitoringSettings } from "../monitoring/schema";
import type { NetworkSettings } from "../network/schema";
import type { PoolerSettings } from "../pgbouncer/schema";
import type { FailoverPlan } from "../postgres/objectives";
import type { Objectives, PostgresSettings } from "../postgres/schema";
import type { Backups } from "./backups";
import type { EarlierKeys } from "./earlier-keys";
import type { Logins } from "./logins";
import type { Monitoring } from "./monitoring";
import type { Pooler } from "./pooler";
import type { Server } from "./server";

/** What every platform builds from: settings, and what the pure core computed from them. */
export interface PlatformInput {
  readonly stack: string;
  readonly postgres: PostgresSettings;
  readonly pooler: PoolerSettings;
  readonly network: NetworkSettings;
  readonly backup: BackupPlan;
  readonly monitoring: MonitoringSettings & { readonly enabled: boolean };
  readonly objectives: Objectives;
  /** Names of the databases. */
  readonly databases: readonly string[];
  readonly plan: FailoverPlan;
  readonly budget: ConnectionBudget;
  /** Prepared statements that the pooler keeps in one server connection. */
  readonly preparedStatements: number;
  /** Time limits that the pooler enforces. */
  readonly limits: ClientLimits;
  /** Server parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Absent if the stack has none, or the platform keeps earlier ones by itself. */
  readonly earlierKeys?: EarlierKeys;
}

/** A platform at work: the server at once, the rest once there are logins. */
export interface Platform {
  readonly server: Server;
  pooler(logins: Logins): Pooler;
  backups(logins: Logins): Backups;
  /** Absent if the platform or the stack has no Prometheus. */
  readonly monitoring?: (logins: Logins, backups: Backups) => Monitoring;
}
