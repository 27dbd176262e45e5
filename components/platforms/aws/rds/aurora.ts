import * as appautoscaling from "@pulumi/aws/appautoscaling";
import * as rds from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import { pointInTimeDays } from "../backups/tiers";
import {
  common,
  groupOf,
  groupOptions,
  instanceCommon,
  ofCluster,
  origin,
  originOptions,
  versionOptions,
  zoneOf,
} from "./arguments";
import { finalSnapshot } from "./final-snapshot";
import { managedByRds } from "./password";
import { administratorLogin, type Servers, type ServersArgs } from "./servers";

/** Seconds between two steps of the reader autoscaling: new readers need minutes, so they go slower than they come. */
const cooldown = { out: 300, in: 900 } as const;

/** Aurora PostgreSQL, of a fixed class or serverless v2: storage in three zones, a writer, readers, and more of these under load. */
export class AuroraServers extends Component {
  readonly servers: Servers;

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
    this.servers = {
      readWrite: { host: cluster.endpoint, port: settings.port },
      readOnly: { host: cluster.readerEndpoint, port: settings.port },
      nodes: instances.map(({ endpoint }, index) => ({
        name: `server${index + 1}`,
        host: endpoint,
        port: settings.port,
      })),
      ...ofCluster(cluster, settings),
      ready: [cluster, ...instances, ...this.autoscaling(cluster, instances)],
    };
    this.registerOutputs({});
  }

  private cluster(instances: rds.ParameterGroup): rds.Cluster {
    const { args, name } = this;
    const { settings, identifier, observation } = args;
    const group = groupOf(args, { engine: "aurora-postgresql", level: "cluster" });
    const options = { parent: this, ...groupOptions };
    const parameters = new rds.ClusterParameterGroup(`${name}-${group.family}`, group, options);
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
        ...finalSnapshot(args, name, this),
        ...managedByRds(args.keys),
        ...(serverless === undefined
          ? {}
          : { serverlessv2ScalingConfiguration: { minCapacity: serverless.min, maxCapacity: serverless.max } }),
      },
      { parent: this, dependsOn: [...observation.ready], ...originOptions(settings) },
    );
  }

  private instanceParameters(): rds.ParameterGroup {
    const { args, name } = this;
    const group = groupOf(args, { engine: "aurora-postgresql", level: "instance" });
    return new rds.ParameterGroup(`${name}-instances-${group.family}`, group, { parent: this, ...groupOptions });
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
