import * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import { pointInTimeDays } from "../backups/tiers";
import {
  autoMinor,
  certificateAuthority,
  common,
  groupOf,
  groupOptions,
  ofCluster,
  origin,
  originOptions,
  records,
  volume,
} from "./arguments";
import { finalSnapshot } from "./final-snapshot";
import { managedByRds } from "./password";
import { administratorLogin, type Servers, type ServersArgs } from "./servers";

/** RDS Multi-AZ DB cluster: a writer and two readers in three zones; a commit is acknowledged once a reader has it. */
export class ClusterServers extends Component {
  readonly servers: Servers;

  constructor(
    private readonly name: string,
    private readonly args: ServersArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:aws:ClusterServers", name, options);
    const { settings } = args;
    const cluster = this.cluster(this.parameters());
    const readWrite = { host: cluster.endpoint, port: settings.port };
    const readOnly = { host: cluster.readerEndpoint, port: settings.port };
    this.servers = {
      readWrite,
      readOnly,
      nodes: [
        { name: "writer", ...readWrite },
        { name: "reader", ...readOnly },
      ],
      ...ofCluster(cluster, settings),
      ready: [cluster],
    };
    this.registerOutputs({});
  }

  private parameters(): rds.ClusterParameterGroup {
    const { args, name } = this;
    const group = groupOf(args, { engine: "postgres", flowControl: true });
    return new rds.ClusterParameterGroup(`${name}-${group.family}`, group, { parent: this, ...groupOptions });
  }

  private cluster(parameters: rds.ClusterParameterGroup): rds.Cluster {
    const { args, name } = this;
    const { settings, identifier, keys, observation } = args;
    return new rds.Cluster(
      `${name}-cluster`,
      {
        clusterIdentifier: identifier,
        engine: "postgres",
        dbClusterInstanceClass: settings.instanceClass,
        masterUsername: administratorLogin,
        dbClusterParameterGroupName: parameters.name,
        backupRetentionPeriod: pointInTimeDays(settings, args.input.backup),
        preferredBackupWindow: settings.backupWindow,
        preferredMaintenanceWindow: settings.maintenanceWindow,
        ...common(args),
        ...origin(args),
        ...finalSnapshot(args, name, this),
        ...managedByRds(keys),
        ...records(args),
        autoMinorVersionUpgrade: autoMinor(settings),
        caCertificateIdentifier: certificateAuthority,
        ...volume(settings),
      },
      { parent: this, dependsOn: [...observation.ready], ...originOptions(settings) },
    );
  }
}
