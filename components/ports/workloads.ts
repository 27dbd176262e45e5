import type * as pulumi from "@pulumi/pulumi";
import type { Cloud } from "./cloud";
import type { Logins } from "./logins";
import type { Pooler } from "./pooler";

/** What runs next to a cloud's database. */
export interface Workloads {
  pooler(cloud: Cloud, logins: Logins): Pooler;
  /** Scheduled dumps, drills and maintenance. Returns the key that opens the dumps. */
  jobs(cloud: Cloud, logins: Logins): pulumi.Output<string>;
}
