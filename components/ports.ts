import type * as pulumi from "@pulumi/pulumi";

/** Contracts between the shared program and a platform. Types only: shared code never names a platform. */

/** Where a client connects; all TLS with verify-full. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** One PostgreSQL server. */
export interface ServerNode extends Endpoint {
  readonly name: string;
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

/** Where backups go. */
export interface Backups {
  readonly repository: string;
  readonly stanza: string;
}
