import * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import type { Endpoint, ServerNode } from "../../../ports";
import type { ProtectedServer } from "../backups/backups";
import { pointInTimeDays } from "../backups/tiers";
import { parameterFamily, rdsParameters } from "../parameters/parameter-group";
import { autoMinor, certificateAuthority, common, origin, originOptions, records, volume } from "./arguments";
import { managedByRds, managedPassword } from "./password";
import { administratorLogin, type Servers, type ServersArgs } from "./servers";

/** RDS Multi-AZ DB cluster: a writer and two readers in three zones; a commit is acknowledged once a reader has it. */
export class ClusterServers extends Component implements Servers {
  readonly readWrite: Endpoint;
  readonly readOnly: Endpoint;
  readonly nodes: readonly ServerNode[];
  readonly readTargets: readonly Endpoint[];
  readonly password: pulumi.Output<string>;
  readonly resourceIds: readonly pulumi.Output<string>[];
  readonly runningVersion: pulumi.Output<string>;
  readonly protects: readonly ProtectedServer[];
  readonly ready: readonly pulumi.Resource[];

  constructor(
    private readonly name: string,
    private readonly args: ServersArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:aws:ClusterServers", name, options);
    const { settings } = args;
    const cluster = this.cluster(this.parameters());
    this.readWrite = { host: cluster.endpoint, port: settings.port };
    this.readOnly = { host: cluster.readerEndpoint, port: settings.port };
    this.readTargets = [this.readOnly];
    this.nodes = [
      { name: "writer", ...this.readWrite },
      { name: "reader", ...this.readOnly },
    ];
    this.password = managedPassword(cluster, settings.region);
    this.resourceIds = [cluster.clusterResourceId];
    this.runningVersion = cluster.engineVersionActual;
    this.protects = [{ name: "cluster", kind: "cluster", arn: cluster.arn }];
    this.ready = [cluster];
    this.registerOutputs({});
  }

  private parameters(): rds.ClusterParameterGroup {
    const { input } = this.args;
    const family = parameterFamily("postgres", input.postgres.version);
    return new rds.ClusterParameterGroup(
      `${this.name}-${family}`,
      {
        family,
        description: `howdah ${input.stack}`,
        parameters: rdsParameters({
          engine: "postgres",
          version: input.postgres.version,
          parameters: input.parameters,
          flowControl: true,
        }),
      },
      // The servers use the old family's group until the upgrade is through: it stays.
      { parent: this, retainOnDelete: true },
    );
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
