import * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import { pointInTimeDays } from "../backups/tiers";
import { autoMinor, certificateAuthority, finalSnapshotName, groupOptions, originOptions, volumeOf } from "./arguments";
import { exportedLogs } from "./logging";
import { parameterFamily, rdsParameters } from "./parameters/parameter-group";
import { managedPassword } from "./password";
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
      readTargets: [readOnly],
      password: managedPassword(cluster, settings.region),
      resourceIds: [cluster.clusterResourceId],
      runningVersion: cluster.engineVersionActual,
      protects: [{ name: "cluster", kind: "cluster", arn: cluster.arn }],
      ready: [cluster],
    };
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
        parameters: rdsParameters({ engine: "postgres", flowControl: true, parameters: input.parameters }),
      },
      { parent: this, ...groupOptions },
    );
  }

  private cluster(parameters: rds.ClusterParameterGroup): rds.Cluster {
    const { args, name } = this;
    const { input, settings, identifier, keys, network, logging } = args;
    const storage = volumeOf(settings);
    const finalSnapshot = finalSnapshotName(args, name, this);
    return new rds.Cluster(
      `${name}-cluster`,
      {
        clusterIdentifier: identifier,
        engine: "postgres",
        engineVersion: settings.engineVersion,
        allowMajorVersionUpgrade: settings.upgrade.major,
        autoMinorVersionUpgrade: autoMinor(settings),
        dbClusterInstanceClass: settings.instanceClass,
        dbClusterParameterGroupName: parameters.name,
        masterUsername: administratorLogin,
        // RDS makes the password, keeps it in Secrets Manager, and rotates it every week.
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: keys.secrets.keyId,
        iamDatabaseAuthenticationEnabled: true,

        port: settings.port,
        dbSubnetGroupName: network.subnetGroup.name,
        vpcSecurityGroupIds: [network.securityGroup.id],
        caCertificateIdentifier: certificateAuthority,

        allocatedStorage: storage.size,
        storageType: storage.type,
        iops: storage.iops,
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
        monitoringInterval: settings.monitoring.interval,
        monitoringRoleArn: logging.role.arn,
        performanceInsightsEnabled: true,
        performanceInsightsKmsKeyId: keys.data.arn,
        performanceInsightsRetentionPeriod: settings.monitoring.insightsRetentionDays,
      },
      { parent: this, dependsOn: [...logging.ready], ...originOptions(settings) },
    );
  }
}
