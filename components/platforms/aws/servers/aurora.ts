import * as appautoscaling from "@pulumi/aws/appautoscaling";
import * as rds from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import type { Endpoint, ServerNode } from "../../../ports";
import type { ProtectedServer } from "../backups/backups";
import { pointInTimeDays } from "../backups/tiers";
import { parameterFamily, rdsParameters } from "../parameters/parameter-group";
import { common, instanceCommon, origin, originOptions, versionOptions, zoneOf } from "./arguments";
import { managedByRds, managedPassword } from "./password";
import { administratorLogin, type Servers, type ServersArgs } from "./servers";

/** Seconds between two steps of the reader autoscaling: new readers need minutes, so they go slower than they come. */
const cooldown = { out: 300, in: 900 } as const;

/** Aurora PostgreSQL, of a fixed class or serverless v2: storage in three zones, a writer, readers, and more of these under load. */
export class AuroraServers extends Component implements Servers {
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
    super("howdah:aws:AuroraServers", name, options);
    const { input, settings } = args;
    const parameters = this.instanceParameters();
    const cluster = this.cluster(parameters);
    const instances = Array.from({ length: input.postgres.replicas + 1 }, (_, index) =>
      this.instance(index, cluster, parameters),
    );
    this.readWrite = { host: cluster.endpoint, port: settings.port };
    this.readOnly = { host: cluster.readerEndpoint, port: settings.port };
    this.readTargets = [this.readOnly];
    this.nodes = instances.map((one, index) => ({
      name: `server${index + 1}`,
      host: one.endpoint,
      port: settings.port,
    }));
    this.password = managedPassword(cluster, settings.region);
    this.resourceIds = [cluster.clusterResourceId];
    this.runningVersion = cluster.engineVersionActual;
    this.protects = [{ name: "cluster", kind: "cluster", arn: cluster.arn }];
    this.ready = [cluster, ...instances, ...this.autoscaling(cluster, instances)];
    this.registerOutputs({});
  }

  private cluster(instances: rds.ParameterGroup): rds.Cluster {
    const { args, name } = this;
    const { input, settings, identifier, observation } = args;
    const family = parameterFamily("aurora-postgresql", input.postgres.version);
    const parameters = new rds.ClusterParameterGroup(
      `${name}-${family}`,
      {
        family,
        description: `howdah ${input.stack}`,
        parameters: rdsParameters({
          engine: "aurora-postgresql",
          level: "cluster",
          version: input.postgres.version,
          parameters: input.parameters,
        }),
      },
      // The servers use the old family's group until the upgrade is through: it stays.
      { parent: this, retainOnDelete: true },
    );
    const serverless = settings.aurora?.serverless;
    return new rds.Cluster(
      `${name}-cluster`,
      {
        clusterIdentifier: identifier,
        engine: "aurora-postgresql",
        engineMode: "provisioned",
        masterUsername: administratorLogin,
        dbClusterParameterGroupName: parameters.name,
        // A major upgrade changes the instances' group together with the cluster's; at any other time RDS refuses it here.
        ...(settings.upgrade.major ? { dbInstanceParameterGroupName: instances.name } : {}),
        backupRetentionPeriod: pointInTimeDays(settings, args.input.backup),
        preferredBackupWindow: settings.backupWindow,
        preferredMaintenanceWindow: settings.maintenanceWindow,
        ...common(args),
        ...origin(args),
        ...managedByRds(args.keys),
        ...(serverless === undefined
          ? {}
          : { serverlessv2ScalingConfiguration: { minCapacity: serverless.min, maxCapacity: serverless.max } }),
      },
      { parent: this, dependsOn: [...observation.ready], ...originOptions(settings) },
    );
  }

  private instanceParameters(): rds.ParameterGroup {
    const { input } = this.args;
    const family = parameterFamily("aurora-postgresql", input.postgres.version);
    return new rds.ParameterGroup(
      `${this.name}-instances-${family}`,
      {
        family,
        description: `howdah ${input.stack}`,
        parameters: rdsParameters({
          engine: "aurora-postgresql",
          level: "instance",
          version: input.postgres.version,
          parameters: input.parameters,
        }),
      },
      { parent: this, retainOnDelete: true },
    );
  }

  private instance(index: number, cluster: rds.Cluster, parameters: rds.ParameterGroup): rds.ClusterInstance {
    const { args, name } = this;
    const { settings, identifier } = args;
    return new rds.ClusterInstance(
      `${name}-server${index + 1}`,
      {
        identifier: `${identifier}-server${index + 1}`,
        clusterIdentifier: cluster.clusterIdentifier,
        engine: "aurora-postgresql",
        engineVersion: settings.engineVersion,
        instanceClass: settings.aurora?.serverless === undefined ? settings.instanceClass : "db.serverless",
        availabilityZone: zoneOf(settings, index),
        dbParameterGroupName: parameters.name,
        dbSubnetGroupName: args.network.subnetGroup.name,
        preferredMaintenanceWindow: settings.maintenanceWindow,
        applyImmediately: settings.applyImmediately,
        copyTagsToSnapshot: true,
        // The first two are the first to be promoted, and so scale with the writer under serverless v2.
        promotionTier: index < 2 ? index : 2,
        ...instanceCommon(args),
      },
      { parent: this, ...versionOptions(settings) },
    );
  }

  private autoscaling(cluster: rds.Cluster, instances: readonly rds.ClusterInstance[]): pulumi.Resource[] {
    const { settings, input } = this.args;
    const scaling = settings.aurora?.autoscaling;
    if (scaling === undefined) return [];
    const name = `${this.name}-readers`;
    const target = new appautoscaling.Target(
      name,
      {
        serviceNamespace: "rds",
        scalableDimension: "rds:cluster:ReadReplicaCount",
        resourceId: pulumi.interpolate`cluster:${cluster.clusterIdentifier}`,
        minCapacity: Math.max(1, input.postgres.replicas),
        maxCapacity: scaling.max,
      },
      { parent: this, dependsOn: [...instances] },
    );
    const policy = new appautoscaling.Policy(
      `${name}-cpu`,
      {
        policyType: "TargetTrackingScaling",
        serviceNamespace: target.serviceNamespace,
        scalableDimension: target.scalableDimension,
        resourceId: target.resourceId,
        targetTrackingScalingPolicyConfiguration: {
          predefinedMetricSpecification: { predefinedMetricType: "RDSReaderAverageCPUUtilization" },
          targetValue: scaling.cpuTarget,
          scaleOutCooldown: cooldown.out,
          scaleInCooldown: cooldown.in,
        },
      },
      { parent: this },
    );
    return [target, policy];
  }
}
