import type * as pulumi from "@pulumi/pulumi";
import type { TokenAuth } from "../../contracts/stack-file";
import type { Endpoint } from "./endpoint";

/** One PostgreSQL server. */
export interface ServerNode extends Endpoint {
  readonly name: string;
  /** URL of the agent that knows its role, lag and state (Patroni's REST API), if there is one. */
  readonly agent?: string;
  /** Absolute on a machine of ours; absent if the platform owns the disk. */
  readonly dataDirectory?: string;
}

/** Login that may create roles and databases, but is not a superuser, and how the program reaches the primary. */
export interface Administrator {
  readonly name: string;
  readonly password: pulumi.Output<string>;
  readonly endpoint: Endpoint;
  /** `verify-ca` for a tunnel, because no certificate contains the tunnel's name. */
  readonly sslmode: "verify-full" | "verify-ca";
}

/** How the jobs next to a database log in. */
export interface JobLogins {
  /** Group of the servers' whose members log in with a token; without it jobs have passwords. */
  readonly tokenGroup?: string;
  /** How a job gets such a token; goes with `tokenGroup`. */
  readonly tokens?: TokenAuth;
}

/** SQL for one database that needs a superuser. It may run again at any time. */
export interface SuperuserSql {
  readonly database: string;
  readonly apply: string;
  /** One SELECT of one text that changes if what `apply` made is altered. */
  readonly probe: string;
  /** SQL that takes back what `apply` did. */
  readonly revert: string;
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
  /** Where clients of the servers themselves have such a file, if it is not `caFile`. */
  readonly clientCaFile?: string;
  /** Certificates (PEM) to hand to such clients; absent if they already have them. */
  readonly authorities?: string;
  readonly administrator: Administrator;
  /** Present if jobs log in over the network: they get their own logins. */
  readonly jobs?: JobLogins;
  /** Has a superuser run SQL; absent if no superuser is ours, and the administrator may do what else takes one. */
  readonly asSuperuser?: (name: string, sql: SuperuserSql, options: pulumi.CustomResourceOptions) => pulumi.Resource;
  /** Running version of PostgreSQL, if the platform may upgrade it on its own. */
  readonly runningVersion?: pulumi.Output<string>;
  /** What has to exist before SQL can be run. */
  readonly ready: readonly pulumi.Resource[];
}
