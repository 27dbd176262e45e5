import type * as pulumi from "@pulumi/pulumi";
import type { BackupPlan } from "./backup/plan";
import type { NetworkSettings } from "./network/schema";
import type { ClientLimits } from "./pgbouncer/limits";
import type { PoolerSettings } from "./pgbouncer/schema";
import type { ConnectionBudget } from "./pgbouncer/sizing";
import type { FailoverPlan } from "./postgres/objectives";
import type { Objectives, PostgresSettings } from "./postgres/schema";

/** Contracts between the shared program and a platform. Types only: shared code never names a platform. */

/** Where a client connects; all TLS with verify-full. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** One PostgreSQL server. */
export interface ServerNode extends Endpoint {
  readonly name: string;
  /** URL of the agent that knows its role, lag and state (Patroni's REST API), where there is one. */
  readonly agent?: string;
  /** Absolute on a machine of ours; absent where the platform owns the disk. */
  readonly dataDirectory?: string;
}

/** A database server, ready for SQL: what `Access` needs to create roles, databases and grants. */
export interface Server {
  /** Follows the primary. */
  readonly readWrite: Endpoint;
  /** Any healthy replica; the primary when none is. */
  readonly readOnly: Endpoint;
  readonly nodes: readonly ServerNode[];
  /** PEM file of the authority that signed every certificate. */
  readonly caFile: pulumi.Output<string>;
  /** Login that may create roles and databases, and is no superuser. */
  readonly administrator: { readonly name: string; readonly password: pulumi.Output<string> };
  /** What has to exist before SQL can be run. */
  readonly ready: readonly pulumi.Resource[];
}

/** Logins that exist once `Access` is done. */
export interface Logins {
  /** Generated passwords by login. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
  /** What has to exist before a login works. */
  readonly ready: readonly pulumi.Resource[];
}

/** A running pooler. */
export interface Pooler {
  readonly endpoint: Endpoint;
  readonly ready: readonly pulumi.Resource[];
}

/** What the newest successful restore drill has shown. */
export interface Verified {
  /** ISO 8601. */
  readonly lastVerifiedAt: string;
  /** From nothing to a server that takes writes. */
  readonly measuredRtoSeconds: number;
  /** From a commit to its arrival in the repository; absent until a drill has waited for that. */
  readonly measuredRpoSeconds?: number;
}

/** Where backups go. */
export interface Backups {
  readonly repository: string;
  readonly stanza: string;
  /** Passphrase of the repository: keep a copy elsewhere. */
  readonly key: pulumi.Output<string>;
  /** File that tells the `howdah` command about this stack. */
  readonly jobFile: string;
  readonly verified: pulumi.Output<Verified>;
}

/** What every platform builds from: settings, and what the pure core computed from them. */
export interface HostInput {
  readonly stack: string;
  readonly postgres: PostgresSettings;
  readonly pooler: PoolerSettings;
  readonly network: NetworkSettings;
  readonly backup: BackupPlan;
  readonly objectives: Objectives;
  /** Names of the databases. */
  readonly databases: readonly string[];
  readonly plan: FailoverPlan;
  readonly budget: ConnectionBudget;
  /** Time limits that the pooler enforces. */
  readonly limits: ClientLimits;
  /** Server parameters. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A platform: the server at once, the rest once there are logins. */
export interface Host {
  readonly server: Server;
  pooler(logins: Logins): Pooler;
  backups(): Backups;
}
