import type { Backups, Cloud, Platform, Logins, Pooler, Server, Workloads } from "../ports";

/** A database service of a cloud, and the cluster that runs the workloads next to it. */
export class CloudPlatform implements Platform {
  readonly server: Server;

  constructor(
    private readonly cloud: Cloud,
    private readonly workloads: Workloads,
  ) {
    this.server = cloud.server;
  }

  pooler(logins: Logins): Pooler {
    return this.workloads.pooler(this.cloud, logins);
  }

  backups(logins: Logins): Backups {
    const { cloud } = this;
    const { repository, verified, failures } = cloud;
    return { repository, failures, verified, key: this.workloads.jobs(cloud, logins) };
  }
}
