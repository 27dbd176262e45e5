import type * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { toBytes } from "../../../../lib/values";
import { kept } from "../backups/keeping";
import { exportedLogs } from "./logging";
import { type GroupInput, parameterFamily, rdsParameters } from "./parameters/parameter-group";
import { chosenZones } from "../regions";
import { type AwsSettings, storageOf } from "../schema/schema";
import { managedPassword } from "./password";
import type { ServersArgs } from "./servers";
import { GB } from "../../../../lib/units";

/** RSA 2048 is what every client knows; valid until 2061. */
export const certificateAuthority = "rds-ca-rsa2048-g1";

const gigabytes = (text: Parameters<typeof toBytes>[0]): number => Math.ceil(toBytes(text) / GB);

/** Whether AWS installs minor versions. */
export const autoMinor = ({ upgrade }: AwsSettings): boolean => upgrade.minor === "automatic";

/** Where AWS installs minors, a version that it has moved on from is no difference: to go back would be a downgrade, which RDS refuses. */
export const versionOptions = (settings: AwsSettings): pulumi.CustomResourceOptions =>
  autoMinor(settings) && !settings.upgrade.major ? { ignoreChanges: ["engineVersion"] } : {};

/** Options of what holds the data: a primary, or a cluster. Replicas and readers hold nothing of their own, and may go. */
export const originOptions = (settings: AwsSettings): pulumi.CustomResourceOptions => ({
  ...kept(settings),
  ...versionOptions(settings),
});

/** Of every instance and every cluster. */
export const common = ({ settings, network }: ServersArgs) => ({
  port: settings.port,
  vpcSecurityGroupIds: [network.securityGroup.id],
  storageEncrypted: true,
  copyTagsToSnapshot: true,
  allowMajorVersionUpgrade: settings.upgrade.major,
  applyImmediately: settings.applyImmediately,
  iamDatabaseAuthenticationEnabled: true,
  enabledCloudwatchLogsExports: [...exportedLogs(settings.topology)],
});

/** Of a primary and of a cluster; a replica takes these from its primary, or has no need of them. */
export const origin = ({ settings, network, keys }: ServersArgs) => ({
  engineVersion: settings.engineVersion,
  dbSubnetGroupName: network.subnetGroup.name,
  kmsKeyId: keys.data.arn,
  deletionProtection: settings.deletionProtection,
  deleteAutomatedBackups: !settings.deletionProtection,
});

/** What AWS records of an instance, or of all instances of a Multi-AZ DB cluster. */
export const records = ({ settings, observation, keys }: ServersArgs) => ({
  monitoringInterval: settings.monitoring.interval,
  monitoringRoleArn: observation.role.arn,
  performanceInsightsEnabled: true,
  performanceInsightsKmsKeyId: keys.data.arn,
  performanceInsightsRetentionPeriod: settings.monitoring.insightsRetentionDays,
});

/** Of every instance that the program makes, Aurora's too. */
export const instanceCommon = (args: ServersArgs) => ({
  ...records(args),
  caCertIdentifier: certificateAuthority,
  publiclyAccessible: false,
  autoMinorVersionUpgrade: autoMinor(args.settings),
});

/** Volume of each server, but Aurora's. */
export const volume = (settings: AwsSettings) => ({
  allocatedStorage: gigabytes(storageOf(settings).size),
  ...growth(settings),
});

/** Kind of a volume, and how far it grows by itself. */
export const growth = (settings: AwsSettings) => {
  const { type, iops, maximum } = storageOf(settings);
  return {
    storageType: type,
    ...(iops === undefined ? {} : { iops }),
    ...(maximum === undefined ? {} : { maxAllocatedStorage: gigabytes(maximum) }),
  };
};

/** Zone of the server with this number; neighbours never share one. */
export const zoneOf = (settings: AwsSettings, index: number): string => {
  const zones = chosenZones(settings);
  return zones[index % zones.length] ?? zones[0] ?? settings.region;
};

/** Arguments of a parameter group, named after its family by whoever makes it. */
export const groupOf = ({ input }: ServersArgs, kind: Omit<GroupInput, "parameters">) => ({
  family: parameterFamily(kind.engine, input.postgres.version),
  description: `howdah ${input.stack}`,
  parameters: rdsParameters({ ...kind, parameters: input.parameters }),
});

/** The servers use the old family's group until an upgrade is through: it stays. */
export const groupOptions = { retainOnDelete: true } as const;

/** What a Multi-AZ DB cluster and one of Aurora give alike. */
export const ofCluster = (cluster: rds.Cluster, { region, port }: AwsSettings) => ({
  readTargets: [{ host: cluster.readerEndpoint, port }],
  password: managedPassword(cluster, region),
  resourceIds: [cluster.clusterResourceId],
  runningVersion: cluster.engineVersionActual,
  protects: [{ name: "cluster", kind: "cluster" as const, arn: cluster.arn }],
});
