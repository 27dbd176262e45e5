import type { Backups, Cloud, Host, Logins, Pooler, Server, Workloads } from "../ports";

/** A database service of a cloud, and the cluster that runs the workloads beside it. */
export class CloudHost implements Host {
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
    const { vault: repository, verified, failures } = cloud;
    return { repository, failures, verified, key: this.workloads.jobs(cloud, logins) };
  }
}
