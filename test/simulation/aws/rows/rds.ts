import type { Properties } from "../../../../providers/runtime/resource";
import type { Thing } from "../../world";
import { setMasterPassword } from "../real-server";
import { type Facts, type Rows, text } from "../row";

const major = (version: unknown): string => text(version).split(".")[0] ?? "";

/** Newest minor version of each major one, in this world. */
const newest: Readonly<Record<string, string>> = { "14": "14.19", "15": "15.14", "16": "16.10", "17": "17.6" };

/** The version that runs: RDS takes the newest minor if the program names a major one only. */
const running = (version: unknown): unknown => newest[text(version)] ?? version;

/** A password that RDS keeps in Secrets Manager, where it is asked to. */
const managedSecret = (kind: "db" | "cluster", { inputs, arn, uuid, hex }: Facts): Properties => ({
  masterUserSecrets:
    inputs["manageMasterUserPassword"] === true
      ? [
          {
            secretArn: arn("secretsmanager", `secret:rds!${kind}-${uuid}-${hex(6)}`),
            kmsKeyId: inputs["masterUserSecretKmsKeyId"] ?? arn("kms", "alias/aws/secretsmanager"),
            secretStatus: "active",
          },
        ]
      : [],
});

/** The primary of a replica: by identifier in the same region, by ARN in another. */
const primaryOf = ({ inputs, world }: Facts): Properties => {
  const source = inputs["replicateSourceDb"];
  const found = world
    .all("aws:rds/instance:Instance")
    .find(({ state }) => source !== undefined && [state["identifier"], state["arn"]].includes(source));
  return found?.state ?? {};
};

/** What RDS refuses to do to a server that is there. */
function upgradeRefusal({ inputs, world }: Facts, old: Thing | undefined): string | undefined {
  const target = major(inputs["engineVersion"]);
  const current = major(old?.state["engineVersion"]);
  if (old !== undefined && target !== "" && target !== current && inputs["allowMajorVersionUpgrade"] !== true)
    return "InvalidParameterCombination: The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.";
  const groups: [unknown, string][] = [
    [inputs["parameterGroupName"], "aws:rds/parameterGroup:ParameterGroup"],
    [inputs["dbClusterParameterGroupName"], "aws:rds/clusterParameterGroup:ClusterParameterGroup"],
  ];
  for (const [name, type] of groups) {
    const group = world.all(type).find(({ state }) => state["name"] === name);
    const family = text(group?.state["family"]);
    if (target !== "" && group !== undefined && !family.endsWith(`postgres${target}`) && !family.endsWith(`postgresql${target}`))
      return `InvalidParameterCombination: The parameter group ${text(name)} with DBParameterGroupFamily ${family} can't be used with version ${target}.`; // prettier-ignore
  }
  return undefined;
}

/** RDS User Guide, "Limitations for Secrets Manager integration". */
function instanceRefusal(facts: Facts, old: Thing | undefined): string | undefined {
  const { inputs } = facts;
  if (inputs["replicateSourceDb"] !== undefined && primaryOf(facts)["manageMasterUserPassword"] === true)
    return "InvalidParameterCombination: A read replica cannot be created of a source whose master user password is managed in Secrets Manager.";
  if (inputs["manageMasterUserPassword"] === true && inputs["blueGreenUpdate"] !== undefined)
    return "InvalidParameterCombination: Blue/green deployments do not go with a managed master user password.";
  return upgradeRefusal(facts, old);
}

/** Logs that a cluster may export; Aurora has none of upgrades. */
function clusterRefusal(facts: Facts, old: Thing | undefined): string | undefined {
  const logs = facts.inputs["enabledCloudwatchLogsExports"];
  if (text(facts.inputs["engine"]).startsWith("aurora") && Array.isArray(logs) && logs.includes("upgrade"))
    return "InvalidParameterCombination: You cannot use the log types 'upgrade' with engine aurora-postgresql.";
  return upgradeRefusal(facts, old);
}

/** What RDS, or the provider before it, refuses to delete. */
function deletionRefusal({ state }: Thing): string | undefined {
  if (state["deletionProtection"] === true)
    return "InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion protection and try again.";
  if (state["skipFinalSnapshot"] !== true && text(state["finalSnapshotIdentifier"]) === "" && state["replicateSourceDb"] === undefined && state["clusterIdentifier"] === undefined)
    return "finalSnapshotIdentifier is required when skipFinalSnapshot is false"; // prettier-ignore
  return undefined;
}

const group = (resource: string) => ({
  name: "name",
  replacing: ["name", "namePrefix", "family", "description"],
  defaults: () => ({ description: "Managed by Pulumi" }),
  computed: ({ arn, name }: Facts) => ({ arn: arn("rds", `${resource}:${name}`) }),
});

export const rds: Rows = {
  "aws:rds/instance:Instance": {
    name: "identifier",
    replacing: ["availabilityZone", "backupTarget", "characterSetName", "customIamInstanceProfile", "dbName", "engine"].concat(
      ["engineLifecycleSupport", "kmsKeyId", "restoreToPointInTime", "snapshotIdentifier"],
      ["storageEncrypted", "timezone", "username"],
    ), // prettier-ignore
    id: ({ resourceId }) => `db-${resourceId}`,
    defaults: (facts) => {
      const primary = primaryOf(facts);
      const version = facts.inputs["engineVersion"] ?? primary["engineVersion"];
      return {
        engine: primary["engine"] ?? "postgres",
        engineVersion: version,
        allocatedStorage: primary["allocatedStorage"],
        username: primary["username"],
        dbName: primary["dbName"] ?? "",
        availabilityZone: `${facts.region}a`,
        caCertIdentifier: "rds-ca-rsa2048-g1",
        multiAz: false,
        networkType: "IPV4",
        optionGroupName: `default:postgres-${major(version)}`,
        parameterGroupName: `default.postgres${major(version)}`,
        port: 5432,
        storageType: "gp2",
      };
    },
    computed: (facts) => {
      const { arn, name, endpointWord, region, inputs, resourceId } = facts;
      const address = `${name}.${endpointWord}.${region}.rds.amazonaws.com`;
      return {
        arn: arn("rds", `db:${name}`),
        address,
        endpoint: `${address}:${typeof inputs["port"] === "number" ? inputs["port"] : 5432}`,
        engineVersionActual: running(inputs["engineVersion"] ?? primaryOf(facts)["engineVersion"]),
        hostedZoneId: "Z1RLNUO7B9Q6NB",
        latestRestorableTime: "",
        listenerEndpoints: [],
        replicas: [],
        resourceId: `db-${resourceId}`,
        status: "available",
        ...managedSecret("db", facts),
      };
    },
    // Storage that has grown by itself stays.
    accepts: (property, state, news) =>
      property === "allocatedStorage" &&
      Number(state[property]) > Number(news[property]) &&
      Number(news["maxAllocatedStorage"]) > Number(news[property]),
    made: ({ inputs }) => {
      setMasterPassword(inputs["username"], inputs["password"]);
    },
    refusal: instanceRefusal,
    deletionRefusal,
  },
  "aws:rds/cluster:Cluster": {
    name: "clusterIdentifier",
    replacing: ["availabilityZones", "clusterIdentifier", "clusterScalabilityType", "databaseName", "dbSubnetGroupName"].concat(
      ["dbSystemId", "engine", "engineMode", "kmsKeyId", "masterUsername", "restoreToPointInTime", "snapshotIdentifier"],
      ["sourceRegion", "storageEncrypted"],
    ), // prettier-ignore
    defaults: ({ region, name, inputs }) => ({
      availabilityZones: ["a", "b", "c"].map((letter) => region + letter),
      caCertificateIdentifier: "rds-ca-rsa2048-g1",
      clusterMembers:
        inputs["dbClusterInstanceClass"] === undefined ? [] : [1, 2, 3].map((number) => `${name}-instance-${number}`),
      engineMode: "provisioned",
      networkType: "IPV4",
      port: 5432,
    }),
    computed: (facts) => {
      const { arn, name, endpointWord, region, inputs, resourceId } = facts;
      const host = (kind: string): string => `${name}.${kind}-${endpointWord}.${region}.rds.amazonaws.com`;
      return {
        arn: arn("rds", `cluster:${name}`),
        caCertificateValidTill: "2061-05-21T23:00:00Z",
        clusterResourceId: `cluster-${resourceId}`,
        endpoint: host("cluster"),
        engineVersionActual: running(inputs["engineVersion"]),
        hostedZoneId: "Z1RLNUO7B9Q6NB",
        readerEndpoint: host("cluster-ro"),
        ...managedSecret("cluster", facts),
      };
    },
    refusal: clusterRefusal,
    deletionRefusal,
  },
  "aws:rds/clusterInstance:ClusterInstance": {
    name: "identifier",
    replacing: ["availabilityZone", "clusterIdentifier", "customIamInstanceProfile", "dbSubnetGroupName", "engine"].concat(
      ["engineVersion", "identifier"],
    ), // prettier-ignore
    defaults: ({ region, inputs }) => ({
      availabilityZone: `${region}a`,
      caCertIdentifier: "rds-ca-rsa2048-g1",
      engineVersion: inputs["engineVersion"],
      networkType: "IPV4",
      promotionTier: 0,
    }),
    computed: ({ arn, name, endpointWord, region, inputs, resourceId, world }) => ({
      arn: arn("rds", `db:${name}`),
      dbiResourceId: `db-${resourceId}`,
      endpoint: `${name}.${endpointWord}.${region}.rds.amazonaws.com`,
      engineVersionActual: running(inputs["engineVersion"]),
      port: 5432,
      storageEncrypted: true,
      writer: !world
        .all("aws:rds/clusterInstance:ClusterInstance")
        .some(
          ({ state }) => state["clusterIdentifier"] === inputs["clusterIdentifier"] && state["identifier"] !== name,
        ),
    }),
  },
  "aws:rds/parameterGroup:ParameterGroup": group("pg"),
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": group("cluster-pg"),
  "aws:rds/subnetGroup:SubnetGroup": {
    ...group("subgrp"),
    replacing: ["name", "namePrefix"],
    computed: ({ arn, name, hex }) => ({
      arn: arn("rds", `subgrp:${name}`),
      supportedNetworkTypes: ["IPV4"],
      vpcId: `vpc-${hex(17)}`,
    }),
  },
  "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": {
    replacing: ["kmsKeyId", "preSignedUrl", "retentionPeriod", "sourceDbInstanceArn"],
    id: ({ arn, hex }) => arn("rds", `auto-backup:ab-${hex(39)}`),
    defaults: () => ({ retentionPeriod: 7 }),
  },
};
