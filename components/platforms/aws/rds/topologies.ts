import type * as pulumi from "@pulumi/pulumi";
import type { SetName } from "../../../../contracts/metrics/collector";
import type { AwsSettings } from "../schema/schema";
import { AuroraServers } from "./aurora";
import { ClusterServers } from "./cluster";
import { InstanceServers, instanceNames } from "./instance";
import type { Servers, ServersArgs } from "./servers";

type Topology = AwsSettings["topology"];

const topologies: Readonly<
  Record<Topology, (name: string, args: ServersArgs, options: pulumi.ComponentResourceOptions) => Servers>
> = {
  "rds-instance": (name, args, options) => new InstanceServers(name, args, options).servers,
  "rds-cluster": (name, args, options) => new ClusterServers(name, args, options).servers,
  aurora: (name, args, options) => new AuroraServers(name, args, options).servers,
};

/** The servers that the config asks for. */
export const serversOf = (name: string, args: ServersArgs, options: pulumi.ComponentResourceOptions): Servers =>
  topologies[args.settings.topology](name, args, options);

/**
 * Sets of metrics that RDS refuses: it shows no files of a server, and lets no login read `pg_statistic`. Aurora has its own storage
 * instead of WAL and replication: its servers answer "currently not supported for Aurora".
 */
export const unmeasuredOf = (topology: Topology): SetName[] => [
  "wal files",
  "configuration files",
  "bloat",
  ...(topology === "aurora" ? (["wal", "replication", "wal receiver"] as const) : []),
];

/** What RDS names the servers' logs after: each instance of its own, or the cluster. */
export const writersOf = (topology: Topology, identifier: string, replicas: number): string[] =>
  topology === "rds-instance"
    ? instanceNames(replicas).map((part) => `instance/${identifier}-${part}`)
    : [`cluster/${identifier}`];
