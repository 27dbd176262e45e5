import * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import type { Endpoint } from "../../../ports";
import { pointInTimeDays } from "../backups/tiers";
import {
  autoMinor,
  certificateAuthority,
  finalSnapshotName,
  groupOptions,
  originOptions,
  volumeOf,
  zoneOf,
} from "./arguments";
import { exportedLogs } from "./logging";
import { parameterFamily, rdsParameters } from "./parameters/parameter-group";
import { OwnPassword } from "./password";
import { administratorLogin, type Servers, type ServersArgs } from "./servers";

/** Names below the identifier; also what the logs are named after. */
export const instanceNames = (replicas: number): string[] => [
  "primary",
  ...Array.from({ length: replicas }, (_, index) => `replica${index + 1}`),
];

/**
 * RDS Multi-AZ instance: a primary with a standby in another zone, to which every commit is copied at once, and read replicas
 * spread over the zones.
 */
export class InstanceServers extends Component {
  readonly servers: Servers;

  constructor(
    private readonly name: string,
    private readonly args: ServersArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:aws:InstanceServers", name, options);
    const { input, settings } = args;
    const password = new OwnPassword(`${name}-administrator`, args, { parent: this }).value;
    const parameters = this.parameters();
    const primary = this.primary(parameters, password);
    const replicas = instanceNames(input.postgres.replicas)
      .slice(1)
      .map((part, index) => this.replica(part, { primary, parameters, zone: zoneOf(settings, index + 1) }));
    const endpoint = (one: rds.Instance): Endpoint => ({ host: one.address, port: settings.port });
    const all = [primary, ...replicas];
    const readTargets = (replicas.length > 0 ? replicas : [primary]).map(endpoint);
    this.servers = {
      readWrite: endpoint(primary),
      readOnly: readTargets[0] ?? endpoint(primary),
      nodes: instanceNames(input.postgres.replicas).flatMap((part, index) => {
        const one = all[index];
        return one === undefined ? [] : [{ name: part, ...endpoint(one) }];
      }),
      readTargets,
      password,
      resourceIds: all.map((one) => one.resourceId),
      runningVersion: primary.engineVersionActual,
      protects: [{ name: "primary", kind: "instance", arn: primary.arn }],
      ready: all,
    };
    this.registerOutputs({});
  }

  private parameters(): rds.ParameterGroup {
    const { input, settings } = this.args;
    const family = parameterFamily("postgres", input.postgres.version);
    return new rds.ParameterGroup(
      `${this.name}-${family}`,
      {
        family,
        description: `howdah ${input.stack}`,
        parameters: rdsParameters({
          engine: "postgres",
          // A blue/green deployment copies rows to the green server by logical replication.
          logicalReplication: this.isBlueGreen(settings),
          parameters: input.parameters,
        }),
      },
      { parent: this, ...groupOptions },
    );
  }

  private isBlueGreen({ upgrade }: ServersArgs["settings"]): boolean {
    return upgrade.blueGreen && this.args.input.postgres.replicas === 0;
  }

  private primary(parameters: rds.ParameterGroup, password: pulumi.Output<string>): rds.Instance {
    const { args, name } = this;
    const { input, settings, identifier, keys, network, logging } = args;
    const storage = volumeOf(settings);
    const finalSnapshot = finalSnapshotName(args, name, this);
    return new rds.Instance(
      `${name}-primary`,
      {
        identifier: `${identifier}-primary`,
        engine: "postgres",
        engineVersion: settings.engineVersion,
        allowMajorVersionUpgrade: settings.upgrade.major,
        autoMinorVersionUpgrade: autoMinor(settings),
        blueGreenUpdate: this.isBlueGreen(settings) ? { enabled: true } : undefined,
        instanceClass: settings.instanceClass,
        multiAz: settings.multiAz ?? true,
        parameterGroupName: parameters.name,
        username: administratorLogin,
        password,
        iamDatabaseAuthenticationEnabled: true,

        port: settings.port,
        dbSubnetGroupName: network.subnetGroup.name,
        vpcSecurityGroupIds: [network.securityGroup.id],
        publiclyAccessible: false,
        caCertIdentifier: certificateAuthority,

        allocatedStorage: storage.size,
        maxAllocatedStorage: storage.maximum,
        storageType: storage.type,
        iops: storage.iops,
        storageEncrypted: true,
        kmsKeyId: keys.data.arn,

        backupRetentionPeriod: pointInTimeDays(settings, input.backup),
        backupWindow: settings.backupWindow,
        copyTagsToSnapshot: true,
        deletionProtection: settings.deletionProtection,
        deleteAutomatedBackups: !settings.deletionProtection,
        skipFinalSnapshot: !settings.finalSnapshot,
        finalSnapshotIdentifier: finalSnapshot,
        maintenanceWindow: settings.maintenanceWindow,
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

  private replica(
    part: string,
    { primary, parameters, zone }: { primary: rds.Instance; parameters: rds.ParameterGroup; zone: string },
  ): rds.Instance {
    const { settings, identifier, keys, network, logging } = this.args;
    // Its volume is as large as the primary's is by then; what the config says may be less.
    const storage = volumeOf(settings);
    return new rds.Instance(
      `${this.name}-${part}`,
      {
        identifier: `${identifier}-${part}`,
        replicateSourceDb: primary.identifier,
        allowMajorVersionUpgrade: settings.upgrade.major,
        autoMinorVersionUpgrade: autoMinor(settings),
        instanceClass: settings.instanceClass,
        availabilityZone: zone,
        parameterGroupName: parameters.name,
        iamDatabaseAuthenticationEnabled: true,

        port: settings.port,
        vpcSecurityGroupIds: [network.securityGroup.id],
        publiclyAccessible: false,
        caCertIdentifier: certificateAuthority,

        maxAllocatedStorage: storage.maximum,
        storageType: storage.type,
        iops: storage.iops,
        storageEncrypted: true,

        copyTagsToSnapshot: true,
        // A replica has no data that the primary does not have.
        skipFinalSnapshot: true,
        maintenanceWindow: settings.maintenanceWindow,
        applyImmediately: settings.applyImmediately,

        enabledCloudwatchLogsExports: [...exportedLogs(settings.topology)],
        monitoringInterval: settings.monitoring.interval,
        monitoringRoleArn: logging.role.arn,
        performanceInsightsEnabled: true,
        performanceInsightsKmsKeyId: keys.data.arn,
        performanceInsightsRetentionPeriod: settings.monitoring.insightsRetentionDays,
      },
      { parent: this, dependsOn: [...logging.ready] },
    );
  }
}
