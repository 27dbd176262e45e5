import type * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint, HostInput, ServerNode } from "../../../ports";
import { toBytes } from "../../../values";
import { kept } from "../backups/keeping";
import { pointInTimeDays } from "../backups/tiers";
import type { Keys } from "../keys";
import type { Network } from "../network";
import { exportedLogs, type Observation } from "../observation";
import { chosenZones } from "../regions";
import type { AwsSettings } from "../schema";

/** What AWS Backup protects. */
export interface Protected {
  readonly name: string;
  readonly kind: "instance" | "cluster";
  readonly arn: pulumi.Output<string>;
}

/** What each topology gives. */
export interface Servers {
  readonly readWrite: Endpoint;
  readonly readOnly: Endpoint;
  readonly nodes: readonly ServerNode[];
  readonly readTargets: readonly Endpoint[];
  /** Secret of the administrator's password, in Secrets Manager; RDS rotates it. */
  readonly secretArn: pulumi.Output<string>;
  /** What `rds-db:connect` names: `db-…` or `cluster-…`, one for each server that is an instance of its own. */
  readonly resourceIds: readonly pulumi.Output<string>[];
  /** The engine's version as it runs. */
  readonly runningVersion: pulumi.Output<string>;
  readonly protects: readonly Protected[];
  readonly ready: readonly pulumi.Resource[];
}

/** What the topologies are made from. */
export interface ServersArgs {
  readonly input: HostInput;
  readonly settings: AwsSettings;
  /** Begins the names of the servers. */
  readonly identifier: string;
  readonly keys: Keys;
  readonly network: Network;
  readonly observation: Observation;
}

/** Not one of the names that everybody tries (`postgres`, `admin`); the role of local stacks. */
export const administratorLogin = "howdah_admin";

/** RSA 2048 is what every client knows; valid until 2061. */
const certificateAuthority = "rds-ca-rsa2048-g1";

export const identifierOf = (stack: string, settings: Pick<AwsSettings, "identifier">): string =>
  settings.identifier ?? `howdah-${stack}`;

export const gigabytes = (text: Parameters<typeof toBytes>[0]): number => Math.ceil(toBytes(text) / 1024 ** 3);

/** Days of point-in-time recovery. */
export const retentionDays = ({ input, settings }: Pick<ServersArgs, "input" | "settings">): number =>
  pointInTimeDays(settings, input.backup);

/**
 * Options of a server: it is kept, and where AWS installs minors, a version that AWS has moved on from is no difference. To go back
 * would be a downgrade, which RDS refuses.
 */
export const serverOptions = (settings: AwsSettings): pulumi.CustomResourceOptions => ({
  ...kept(settings),
  ...(settings.upgrade.minor === "automatic" && !settings.upgrade.major ? { ignoreChanges: ["engineVersion"] } : {}),
});

/** Arguments that an instance and a cluster share by name and meaning. */
export const common = (args: ServersArgs) => {
  const { settings, network } = args;
  return {
    port: settings.port,
    vpcSecurityGroupIds: [network.securityGroup.id],
    storageEncrypted: true,
    copyTagsToSnapshot: true,
    deletionProtection: settings.deletionProtection,
    skipFinalSnapshot: !settings.finalSnapshot,
    deleteAutomatedBackups: !settings.deletionProtection,
    allowMajorVersionUpgrade: settings.upgrade.major,
    applyImmediately: settings.applyImmediately,
    iamDatabaseAuthenticationEnabled: true,
    enabledCloudwatchLogsExports: [...exportedLogs],
  };
};

/** What a primary and a cluster are told, and a replica takes from its primary. */
export const origin = ({ settings, network, keys }: ServersArgs) => ({
  engineVersion: settings.engineVersion,
  dbSubnetGroupName: network.subnetGroup.name,
  kmsKeyId: keys.data.arn,
  ...administrator(keys),
});

/** The administrator: its password is made, kept and rotated by RDS, and never by this program. */
const administrator = (keys: Keys) => ({
  manageMasterUserPassword: true,
  masterUserSecretKmsKeyId: keys.secrets.keyId,
});

/** Records of one instance, or of all instances of a Multi-AZ DB cluster. */
export const records = ({ settings, observation }: ServersArgs) => ({
  monitoringInterval: settings.monitoring.interval,
  monitoringRoleArn: observation.role.arn,
  performanceInsightsEnabled: true,
});

/** Records and upkeep of one instance. */
export const instanceCommon = (args: ServersArgs) => ({
  ...records(args),
  performanceInsightsKmsKeyId: args.keys.data.arn,
  performanceInsightsRetentionPeriod: args.settings.monitoring.insightsRetentionDays,
  caCertIdentifier: certificateAuthority,
  publiclyAccessible: false,
  autoMinorVersionUpgrade: args.settings.upgrade.minor === "automatic",
});

/** Volume of each server. */
export const storageOf = ({ storage }: AwsSettings) => ({
  allocatedStorage: gigabytes(storage.size),
  storageType: storage.type,
  ...(storage.iops === undefined ? {} : { iops: storage.iops }),
});

/** Zone of the server with this number; neighbours never share one. */
export const zoneOf = (settings: AwsSettings, index: number): string => {
  const zones = chosenZones(settings);
  return zones[index % zones.length] ?? zones[0] ?? settings.region;
};

/** ARN of the secret that RDS made; absent in the outputs of a server that was made without one. */
export function secretArnOf(secrets: rds.Instance["masterUserSecrets"]): pulumi.Output<string> {
  return secrets.apply((all) => {
    const arn = all[0]?.secretArn;
    if (arn === undefined)
      throw new Error("RDS manages no password of the administrator: the server was made otherwise");
    return arn;
  });
}
