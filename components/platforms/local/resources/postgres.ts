import * as pulumi from "@pulumi/pulumi";
import type {
  backupStanzaSchema,
  pooledSessionsSchema,
  postgresClusterSchema,
  removalsSchema,
  restoreDrillSchema,
  scriptSchema,
} from "../../../../contracts/host-resources/postgres";
import type { Arguments } from "../../../resource-arguments";

/** Resource types of the `host` provider that work on PostgreSQL and its backups; those of the machine itself are in `resources.ts`. */

export type PostgresClusterArgs = Arguments<typeof postgresClusterSchema>;

/** The cluster that the Patroni services form. */
export class PostgresCluster extends pulumi.CustomResource {
  constructor(name: string, args: PostgresClusterArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:PostgresCluster", name, { ...args }, options);
  }
}

export type ScriptArgs = Arguments<typeof scriptSchema, "servers" | "database" | "apply" | "revert" | "probe">;

/** SQL of a superuser, over the Unix socket of the primary. */
export class Script extends pulumi.CustomResource {
  constructor(name: string, args: ScriptArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Script", name, { ...args }, options);
  }
}

export type PooledSessionsArgs = Arguments<typeof pooledSessionsSchema>;

/** Server connections of PgBouncer, opened again if the settings of a login change. */
export class PooledSessions extends pulumi.CustomResource {
  constructor(name: string, args: PooledSessionsArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:PooledSessions", name, { ...args }, options);
  }
}

export type BackupStanzaArgs = Arguments<typeof backupStanzaSchema>;

/** A pgBackRest stanza with at least one full backup. */
export class BackupStanza extends pulumi.CustomResource {
  constructor(name: string, args: BackupStanzaArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:BackupStanza", name, { ...args }, options);
  }
}

export type RestoreDrillArgs = Arguments<typeof restoreDrillSchema>;

/** The proof that the backups can be restored: a drill when the stack is made, and what the schedule's drills found since. */
export class RestoreDrill extends pulumi.CustomResource {
  /** ISO 8601. */
  declare readonly lastVerifiedAt: pulumi.Output<string>;
  declare readonly measuredRtoSeconds: pulumi.Output<number>;
  /** Null until a drill of the schedule has waited for the archive; absent in states of earlier versions. */
  declare readonly measuredRpoSeconds: pulumi.Output<number | null | undefined>;

  constructor(name: string, args: RestoreDrillArgs, options?: pulumi.CustomResourceOptions) {
    const computed = { lastVerifiedAt: undefined, measuredRtoSeconds: undefined, measuredRpoSeconds: undefined };
    super("host:index:RestoreDrill", name, { ...args, ...computed }, options);
  }
}

export type RemovalsArgs = Arguments<typeof removalsSchema>;

/** Refuses, at preview, to drop what holds data and was not said to be removable. */
export class Removals extends pulumi.CustomResource {
  constructor(name: string, args: RemovalsArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Removals", name, { ...args }, options);
  }
}
