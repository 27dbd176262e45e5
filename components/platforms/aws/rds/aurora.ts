import * as appautoscaling from "@pulumi/aws/appautoscaling";
import * as rds from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import { pointInTimeDays } from "../backups/tiers";
import {
  autoMinor,
  certificateAuthority,
  finalSnapshotName,
  groupOptions,
  originOptions,
  versionOptions,
  zoneOf,
} from "./arguments";
import { exportedLogs } from "./logging";
import { parameterFamily, rdsParameters } from "./parameters/parameter-group";
import { managedPassword } from "./password";
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
    const cluster = this.cluster(this.clusterParameters(), parameters);
    const instances = Array.from({ length: input.postgres.replicas + 1 }, (_, index) =>
      this.instance(index, cluster, parameters),
    );
    const readOnly = { host: cluster.readerEndpoint, port: settings.port };
    this.servers = {
      readWrite: { host: cluster.endpoint, port: settings.port },
      readOnly,
      nodes: instances.map(({ endpoint }, index) => ({
        name: `server${index + 1}`,
        host: endpoint,
        port: settings.port,
      })),
      readTargets: [readOnly],
      password: managedPassword(cluster, settings.region),
      resourceIds: [cluster.clusterResourceId],
      runningVersion: cluster.engineVersionActual,
      protects: [{ name: "cluster", kind: "cluster", arn: cluster.arn }],
      ready: [cluster, ...instances, ...this.autoscaling(cluster, instances)],
    };
    this.registerOutputs({});
  }

  private clusterParameters(): rds.ClusterParameterGroup {
    const { input } = this.args;
    const family = parameterFamily("aurora-postgresql", input.postgres.version);
    return new rds.ClusterParameterGroup(
      `${this.name}-${family}`,
      {
        family,
        description: `howdah ${input.stack}`,
        parameters: rdsParameters({ engine: "aurora-postgresql", level: "cluster", parameters: input.parameters }),
      },
      { parent: this, ...groupOptions },
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
        parameters: rdsParameters({ engine: "aurora-postgresql", level: "instance", parameters: input.parameters }),
      },
      { parent: this, ...groupOptions },
    );
  }

  private cluster(parameters: rds.ClusterParameterGroup, instances: rds.ParameterGroup): rds.Cluster {
    const { args, name } = this;
    const { input, settings, identifier, keys, network, logging } = args;
    const serverless = settings.aurora?.serverless;
    const finalSnapshot = finalSnapshotName(args, name, this);
    return new rds.Cluster(
      `${name}-cluster`,
      {
        clusterIdentifier: identifier,
        engine: "aurora-postgresql",
        engineMode: "provisioned",
        engineVersion: settings.engineVersion,
        allowMajorVersionUpgrade: settings.upgrade.major,
        serverlessv2ScalingConfiguration:
          serverless === undefined ? undefined : { minCapacity: serverless.min, maxCapacity: serverless.max },
        dbClusterParameterGroupName: parameters.name,
        // A major upgrade changes the instances' group together with the cluster's; at any other time RDS refuses it here.
        dbInstanceParameterGroupName: settings.upgrade.major ? instances.name : undefined,
        masterUsername: administratorLogin,
        // RDS makes the password, keeps it in Secrets Manager, and rotates it every week.
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: keys.secrets.keyId,
        iamDatabaseAuthenticationEnabled: true,

        port: settings.port,
        dbSubnetGroupName: network.subnetGroup.name,
        vpcSecurityGroupIds: [network.securityGroup.id],

        storageEncrypted: true,
        kmsKeyId: keys.data.arn,

        backupRetentionPeriod: pointInTimeDays(settings, input.backup),
        preferredBackupWindow: settings.backupWindow,
        copyTagsToSnapshot: true,
        deletionProtection: settings.deletionProtection,
        deleteAutomatedBackups: !settings.deletionProtection,
        skipFinalSnapshot: !settings.finalSnapshot,
        finalSnapshotIdentifier: finalSnapshot,
        preferredMaintenanceWindow: settings.maintenanceWindow,
        applyImmediately: settings.applyImmediately,

        enabledCloudwatchLogsExports: [...exportedLogs(settings.topology)],
      },
      { parent: this, dependsOn: [...logging.ready], ...originOptions(settings) },
    );
  }

  private instance(index: number, cluster: rds.Cluster, parameters: rds.ParameterGroup): rds.ClusterInstance {
    const { settings, identifier, keys, network, logging } = this.args;
    return new rds.ClusterInstance(
      `${this.name}-server${index + 1}`,
      {
        identifier: `${identifier}-server${index + 1}`,
        clusterIdentifier: cluster.clusterIdentifier,
        engine: "aurora-postgresql",
        engineVersion: settings.engineVersion,
        autoMinorVersionUpgrade: autoMinor(settings),
        instanceClass: settings.aurora?.serverless === undefined ? settings.instanceClass : "db.serverless",
        availabilityZone: zoneOf(settings, index),
        // The first two are the first to be promoted, and so scale with the writer under serverless v2.
        promotionTier: index < 2 ? index : 2,
        dbParameterGroupName: parameters.name,

        dbSubnetGroupName: network.subnetGroup.name,
        publiclyAccessible: false,
        caCertIdentifier: certificateAuthority,

        copyTagsToSnapshot: true,
        preferredMaintenanceWindow: settings.maintenanceWindow,
        applyImmediately: settings.applyImmediately,

        monitoringInterval: settings.monitoring.interval,
        monitoringRoleArn: logging.role.arn,
        performanceInsightsEnabled: true,
        performanceInsightsKmsKeyId: keys.data.arn,
        performanceInsightsRetentionPeriod: settings.monitoring.insightsRetentionDays,
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
