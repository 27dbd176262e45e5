import type * as pulumi from "@pulumi/pulumi";
import type { BackupPlan } from "./backup/plan";
import type { NetworkSettings } from "./network/schema";
import type { ClientLimits } from "./pgbouncer/client-settings";
import type { PoolerSettings } from "./pgbouncer/schema";
import type { ConnectionBudget } from "./capacity/connections";
import type { FailoverPlan } from "./postgres/objectives";
import type { Objectives, PostgresSettings } from "./postgres/schema";
import type { SessionSettings } from "./postgres/access/session-settings";

/** Contracts between the shared program and a platform. Types only: shared code never names a platform. */

/** Where a client connects; all TLS with verify-full. */
export interface Endpoint {
  /** Known at once where the platform chooses it, else once the server exists. */
  readonly host: pulumi.Input<string>;
  readonly port: number;
}

/** An endpoint whose host is known at once. */
export interface Address extends Endpoint {
  readonly host: string;
}

/** One PostgreSQL server. */
export interface ServerNode extends Endpoint {
  readonly name: string;
  /** URL of the agent that knows its role, lag and state (Patroni's REST API), where there is one. */
  readonly agent?: string;
  /** Absolute on a machine of ours; absent where the platform owns the disk. */
  readonly dataDirectory?: string;
}

/** Login that may create roles and databases, and is no superuser; with the way to the primary from where the program runs. */
export interface Administrator {
  readonly name: string;
  readonly password: pulumi.Output<string>;
  readonly endpoint: Endpoint;
  /** `verify-ca` where a tunnel stands between, whose name no certificate bears. */
  readonly sslmode: "verify-full" | "verify-ca";
}

/** How the jobs beside a database log in. */
export interface JobLogins {
  /** Group whose members log in with a token of the platform's; without it jobs have passwords. */
  readonly tokenGroup?: string;
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
  readonly administrator: Administrator;
  /** Where jobs log in over the network: they get logins of their own. */
  readonly jobs?: JobLogins;
  /** Version of PostgreSQL that runs, where the platform may upgrade it by itself. */
  readonly runningVersion?: pulumi.Output<string>;
  /** What has to exist before SQL can be run. */
  readonly ready: readonly pulumi.Resource[];
}

/** Logins that exist once `Access` is done. */
export interface Logins {
  /** Generated passwords by login. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
  /** SCRAM verifiers by login, as the server stores them; secret. */
  readonly verifiers: Readonly<Record<string, pulumi.Output<string>>>;
  /** Login in use, by application. */
  readonly current: Readonly<Record<string, string>>;
  /** What their sessions start with: open ones go on with what was in force when they began. */
  readonly sessionSettings: SessionSettings;
  /** What has to exist before a login works. */
  readonly ready: readonly pulumi.Resource[];
}

/** A running pooler. */
export interface Pooler {
  readonly endpoint: Endpoint;
  /** Where its clients find the PEM file of the authority that signed its certificate. */
  readonly caFile: pulumi.Input<string>;
  /** PEM of that authority, where clients get it from the stack; absent where the file is there already, or the team has it. */
  readonly authority?: pulumi.Output<string>;
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
  readonly repository: pulumi.Input<string>;
  /** pgBackRest's, where that takes the backups. */
  readonly stanza?: string;
  /** What opens the backups, or the dumps where the platform holds the other keys: keep a copy elsewhere. */
  readonly key: pulumi.Output<string>;
  /** File that tells the `howdah` command about this stack, where the command runs on this machine. */
  readonly jobFile?: string;
  /** Topic that hears of failures, where the platform has one: an ARN. */
  readonly failures?: pulumi.Input<string>;
  /** Undefined until a first drill. */
  readonly verified: pulumi.Output<Verified | undefined>;
}

/** Jobs beside the database that act on the services of a cloud, each with an identity of its own. */
export type JobName = "dump" | "drill" | "maintenance" | "metrics";

/** Who runs a job, as Kubernetes knows it. */
export interface JobSubject {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** Where dumps of a cloud stack go. */
export interface DumpStore {
  readonly bucket: pulumi.Input<string>;
  /** Of the bucket, and of the servers. */
  readonly region: string;
  /** Common part of the keys, without a slash at either end. */
  readonly prefix: string;
}

/** A database service of a cloud, with what it gives the workloads beside it. */
export interface Cloud {
  readonly server: Server;
  /** PEM of the authorities that signed the servers' certificates. */
  readonly authorities: string;
  /** Where reads may go: each replica, or the endpoint behind which the service keeps them. */
  readonly readTargets: readonly Endpoint[];
  /** CIDRs of the network that the servers are in, where the program made it; workloads reach servers there only. */
  readonly serverRanges?: readonly string[];
  readonly dumps: DumpStore;
  /** Where the service keeps its own backups: an ARN. */
  readonly vault: pulumi.Input<string>;
  /** What the newest drill has left in the store of the dumps. */
  readonly verified: pulumi.Output<Verified | undefined>;
  /** Topic that hears of failed backups and restore tests: an ARN. */
  readonly failures: pulumi.Input<string>;
  /**
   * Lets the pooler look up verifiers, and keeps the logins' secrets. Returns what has to exist before the pooler may start.
   * @param pooler where applications will connect
   */
  prepare(logins: Logins, pooler: Address): readonly pulumi.Resource[];
  /** Annotations of a service account by which its pods act as the job's role. */
  identity(job: JobName, subject: JobSubject): Readonly<Record<string, pulumi.Input<string>>>;
}

/** What runs beside a cloud's database. */
export interface Workloads {
  pooler(cloud: Cloud, logins: Logins): Pooler;
  /** Scheduled dumps, drills and upkeep. Returns the key that opens the dumps. */
  jobs(cloud: Cloud, logins: Logins): pulumi.Output<string>;
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
  backups(logins: Logins): Backups;
}
