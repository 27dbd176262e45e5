/**
 * What each resource type computes, as dotted paths: only these may be used by other resources. A type or function without
 * a row is refused, so that no graph has a hole in it. Sorted.
 */
export const computed: Readonly<Record<string, readonly string[]>> = {
  "aws:appautoscaling/policy:Policy": ["arn", "name"],
  "aws:appautoscaling/target:Target": ["arn", "roleArn"],
  "aws:backup/plan:Plan": ["arn", "name", "version"],
  "aws:backup/restoreTestingPlan:RestoreTestingPlan": ["arn", "name"],
  "aws:backup/restoreTestingSelection:RestoreTestingSelection": ["name"],
  "aws:backup/selection:Selection": ["name"],
  "aws:backup/vault:Vault": ["arn", "name", "recoveryPoints"],
  "aws:backup/vaultLockConfiguration:VaultLockConfiguration": ["backupVaultArn"],
  "aws:backup/vaultPolicy:VaultPolicy": ["backupVaultArn"],
  "aws:cloudwatch/eventRule:EventRule": ["arn", "name"],
  "aws:cloudwatch/eventTarget:EventTarget": ["targetId"],
  "aws:cloudwatch/logGroup:LogGroup": ["arn", "name"],
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ["arn", "name", "ownerId"],
  "aws:ec2/flowLog:FlowLog": ["arn"],
  "aws:ec2/route:Route": ["origin", "state"],
  "aws:ec2/routeTable:RouteTable": ["arn", "ownerId"],
  "aws:ec2/routeTableAssociation:RouteTableAssociation": [],
  "aws:ec2/securityGroup:SecurityGroup": ["arn", "name", "ownerId"],
  "aws:ec2/subnet:Subnet": ["arn", "availabilityZone", "ownerId"],
  "aws:ec2/vpc:Vpc": ["arn", "defaultRouteTableId", "defaultSecurityGroupId", "mainRouteTableId", "ownerId"],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ["arn", "ownerId", "prefixListId", "state"],
  "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": ["acceptStatus"],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": ["associationArn", "associationId"],
  "aws:iam/role:Role": ["arn", "name", "uniqueId"],
  "aws:iam/rolePolicy:RolePolicy": ["name"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": [],
  "aws:kms/alias:Alias": ["arn", "name", "targetKeyArn"],
  "aws:kms/key:Key": ["arn", "keyId"],
  "aws:rds/cluster:Cluster": [
    "arn",
    "clusterIdentifier",
    "clusterResourceId",
    "endpoint",
    "engineVersionActual",
    "hostedZoneId",
    "masterUserSecrets.0.secretArn",
    "port",
    "readerEndpoint",
  ],
  "aws:rds/clusterInstance:ClusterInstance": [
    "arn",
    "dbiResourceId",
    "endpoint",
    "engineVersionActual",
    "identifier",
    "port",
    "writer",
  ],
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": ["arn", "name"],
  "aws:rds/instance:Instance": [
    "address",
    "arn",
    "endpoint",
    "engineVersionActual",
    "hostedZoneId",
    "identifier",
    "masterUserSecrets.0.secretArn",
    "port",
    "resourceId",
    "status",
  ],
  "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": [],
  "aws:rds/parameterGroup:ParameterGroup": ["arn", "name"],
  "aws:rds/subnetGroup:SubnetGroup": ["arn", "name", "vpcId"],
  "aws:s3/bucket:Bucket": ["arn", "bucket", "bucketDomainName", "bucketRegionalDomainName", "hostedZoneId"],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": [],
  "aws:s3/bucketLogging:BucketLogging": [],
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": [],
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": [],
  "aws:s3/bucketPolicy:BucketPolicy": [],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": [],
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": [],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": [],
  "aws:s3/bucketVersioning:BucketVersioning": [],
  "aws:secretsmanager/secret:Secret": ["arn", "name"],
  "aws:secretsmanager/secretVersion:SecretVersion": ["arn", "versionId"],
  "aws:sns/topic:Topic": ["arn", "name", "owner"],
  "aws:sns/topicPolicy:TopicPolicy": ["owner"],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ["arn", "securityGroupRuleId"],
  "host:index:AdministratorScript": [],
  "host:index:BackupStanza": [],
  "host:index:Certificate": ["certificatePem", "privateKeyPem"],
  "host:index:CertificateAuthority": ["certificatePem", "privateKeyPem"],
  "host:index:Directory": [],
  "host:index:File": [],
  "host:index:Fixed": [],
  "host:index:PooledSessions": [],
  "host:index:PostgresCluster": [],
  "host:index:Removals": [],
  "host:index:RestoreDrill": [],
  "host:index:Script": [],
  "host:index:Service": [],
  "host:index:Supervisor": [],
  "postgresql:index/database:Database": [],
  "postgresql:index/defaultPrivileges:DefaultPrivileges": [],
  "postgresql:index/extension:Extension": [],
  "postgresql:index/grant:Grant": [],
  "postgresql:index/grantRole:GrantRole": [],
  "postgresql:index/role:Role": [],
  "postgresql:index/schema:Schema": [],
  "pulumi:providers:aws": [],
  "pulumi:providers:kubernetes": [],
  "pulumi:providers:postgresql": [],
  "random:index/randomBytes:RandomBytes": ["base64", "hex"],
  "random:index/randomId:RandomId": ["hex"],
  "random:index/randomPassword:RandomPassword": ["bcryptHash", "result"],
};

/** Of every Kubernetes object, built in or custom: an object is its own description. */
const ofObjects = ["metadata.name", "metadata.namespace", "metadata.uid"];

/** Values that a program reads more of than their text. */
const shaped: Readonly<Record<string, unknown>> = {
  "random:index/randomBytes:RandomBytes base64": Buffer.alloc(32).toString("base64"),
};

/** Answers of data sources; `undefined` in the place of one that is refused. */
export const answers: Readonly<Record<string, unknown>> = {
  "aws:s3/getObjects:getObjects": { keys: [] },
  "aws:secretsmanager/getSecretVersion:getSecretVersion": {
    secretString: JSON.stringify({ username: "[secret]", password: "[secret]" }),
  },
};

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** What is found if a program reads an object that others made, by type. */
const found: Readonly<Record<string, (name: string) => Record<string, unknown>>> = {
  "kubernetes:core/v1:Secret": (name) => ({ data: { "ca.crt": base64(`\${${name}.data.ca.crt}`) } }),
};

/** Where to add what is missing. */
const here = "add a row to dev/graph/computed.ts";

/** Paths that a type computes. @throws for an unknown type */
export function pathsOf(type: string): readonly string[] {
  if (type.startsWith("howdah:")) return [];
  if (/^kubernetes:[\w.-]+\/v\w+:\w+$/.test(type)) return ofObjects;
  const paths = computed[type];
  if (paths === undefined) throw new Error(`unknown resource type ${type}: ${here}`);
  return paths;
}

/** What stands for a computed property: a reference to it. */
export const referenceTo = (type: string, name: string, path: string): unknown =>
  shaped[`${type} ${path}`] ?? `\${${name}.${path}}`;

/** State of an object that others made. @throws for an unknown type */
export function foundOf(type: string, name: string): Record<string, unknown> {
  const state = found[type];
  if (state === undefined) throw new Error(`unknown type ${type} of an existing resource: ${here}`);
  return state(name);
}

/** Answer of a data source. @throws for an unknown one */
export function answerOf(token: string): Record<string, unknown> {
  const answer = answers[token];
  if (answer === undefined) throw new Error(`unknown data source ${token}: ${here}`);
  return answer as Record<string, unknown>;
}
