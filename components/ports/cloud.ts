import type * as pulumi from "@pulumi/pulumi";
import type { SetName } from "../../contracts/metrics/collector";
import type { Verified } from "../../contracts/drill-record";
import type { Address, Endpoint } from "./endpoint";
import type { JobName, JobSubject } from "./jobs";
import type { Logins } from "./logins";
import type { Server } from "./server";

/** Where dumps of a cloud stack go: a bucket of a service that speaks S3. */
export interface DumpStore {
  readonly bucket: pulumi.Input<string>;
  /** Region of the bucket, as its service names it. */
  readonly region: string;
  /** Common part of the keys, without a slash at either end. */
  readonly prefix: string;
}

/** A database service of a cloud, with what it gives the workloads next to it. */
export interface Cloud {
  readonly server: Server;
  /** PEM of the authorities that signed the servers' certificates. */
  readonly authorities: string;
  /** Where reads may go: each replica, or the endpoint behind which the service keeps them. */
  readonly readTargets: readonly Endpoint[];
  /** CIDRs of the network that the servers are in, where the program made it; workloads reach servers there only. */
  readonly serverRanges?: readonly string[];
  /** Sets of metrics that the service's servers cannot fill. */
  readonly unmeasured: readonly SetName[];
  readonly dumps: DumpStore;
  /** Location of the service's own backups, as the cloud names it. */
  readonly repository: pulumi.Input<string>;
  /** What the newest drill has left in the store of the dumps. */
  readonly verified: pulumi.Output<Verified | undefined>;
  /** What is notified of failed backups and restore tests, as the cloud names it. */
  readonly failures: pulumi.Input<string>;
  /**
   * Lets the pooler look up verifiers, and keeps the logins' secrets. Returns what has to exist before the pooler may start.
   * @param pooler where applications will connect
   */
  prepare(logins: Logins, pooler: Address): readonly pulumi.Resource[];
  /** Annotations of a service account by which its pods act as the job's role. */
  identity(job: JobName, subject: JobSubject): Readonly<Record<string, pulumi.Input<string>>>;
}
