import * as pulumi from "@pulumi/pulumi";

/** Resource types of the `host` provider that work on PostgreSQL and its backups; those of the machine itself are in `resources.ts`. */

type Inputs<T> = { readonly [K in keyof T]: pulumi.Input<T[K]> };

export interface PostgresClusterArgs {
  readonly scope: string;
  readonly members: readonly {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly restPort: number;
    readonly service: string;
  }[];
  readonly supervisor: string;
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Folder of PostgreSQL's programs. */
  readonly postgresBin: string;
  /** Patroni's dynamic configuration. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** The server parameter that names the configuration. */
  readonly mark: { readonly socketDirectory: string; readonly parameter: string; readonly value: string };
  /** Lines of pg_hba.conf that every server has to follow. */
  readonly hostRules: { readonly socketDirectory: string; readonly lines: readonly string[] };
  readonly pooler: { readonly socketDirectory: string; readonly port: number; readonly readOnlyPort: number };
  readonly router: { readonly socket: string; readonly backend: string; readonly readBackend: string };
}

/** The cluster that the Patroni services form. */
export class PostgresCluster extends pulumi.CustomResource {
  constructor(name: string, args: PostgresClusterArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:PostgresCluster", name, { ...args }, options);
  }
}

export interface ScriptArgs {
  readonly servers: readonly { readonly socketDirectory: string; readonly port: number }[];
  readonly database: string;
  /** SQL that may run again at any time. */
  readonly apply: string;
  readonly revert?: string;
  /** One SELECT of one text that changes when somebody alters what `apply` made. */
  readonly probe?: string;
}

/** SQL of a superuser, over the Unix socket of the primary. */
export class Script extends pulumi.CustomResource {
  constructor(name: string, args: Inputs<ScriptArgs>, options?: pulumi.CustomResourceOptions) {
    super("host:index:Script", name, { ...args }, options);
  }
}

export interface PooledSessionsArgs {
  readonly pooler: { readonly socketDirectory: string; readonly port: number };
  /** What a session of each login starts with, by database, then by login. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Server connections of PgBouncer, opened again where the settings of a login change. */
export class PooledSessions extends pulumi.CustomResource {
  constructor(name: string, args: PooledSessionsArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:PooledSessions", name, { ...args }, options);
  }
}

export interface BackupStanzaArgs {
  readonly stanza: string;
  readonly configFile: string;
  readonly repository: string;
}

/** A pgBackRest stanza with at least one full backup. */
export class BackupStanza extends pulumi.CustomResource {
  constructor(name: string, args: BackupStanzaArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:BackupStanza", name, { ...args }, options);
  }
}

export interface RestoreDrillArgs {
  /** The `howdah` command of this stack. */
  readonly command: readonly string[];
  /** File with one line of JSON per drill. */
  readonly history: string;
}

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

export interface RemovalsArgs {
  readonly servers: readonly { readonly socketDirectory: string; readonly port: number }[];
  /** What the config makes, by database. */
  readonly databases: Readonly<
    Record<
      string,
      { readonly schemas: readonly string[]; readonly logins: readonly string[]; readonly removable: boolean }
    >
  >;
}

/** Refuses, at preview, to drop what holds data and was not said to be removable. */
export class Removals extends pulumi.CustomResource {
  constructor(name: string, args: RemovalsArgs, options?: pulumi.CustomResourceOptions) {
    super("host:index:Removals", name, { ...args }, options);
  }
}
