import * as aws from "@pulumi/aws";
import { type AwsBackupsArgs, AwsBackups } from "../../components/platforms/aws/backups/backups";
import { awsSchema, type AwsSettings } from "../../components/platforms/aws/schema/schema";
import { backupPlan } from "../../components/backup/plan";
import { backupSchema } from "../../components/backup/schema";
import type { JobName } from "../../components/ports";
import { type Answers, type Graph, graphOf, type Registration } from "../support/graph";

const jobs: readonly JobName[] = ["dump", "drill", "maintenance", "metrics"];
const account = "123456789012";
const keyArn = `arn:aws:kms:eu-central-1:${account}:key/home`;
const alarmsKeyArn = `arn:aws:kms:eu-central-1:${account}:key/alarms`;
const copyKeyArn = `arn:aws:kms:eu-west-1:${account}:key/copies`;
const answers: Answers = { "aws:s3/getObjects:getObjects": () => ({ keys: [] }) };

const settingsOf = (changes: object = {}): AwsSettings =>
  awsSchema.parse({
    account,
    region: "eu-central-1",
    instanceClass: "db.r6g.large",
    engineVersion: "15.14",
    network: { cidr: "10.0.0.0/16" },
    identity: { issuer: "oidc.example.com/id/ABC" },
    keyAdministrators: [`arn:aws:iam::${account}:role/admin`],
    ...changes,
  });

function argsOf(changes: object = {}): AwsBackupsArgs {
  const settings = settingsOf(changes);
  const kind = settings.topology === "rds-instance" ? "instance" : "cluster";
  return {
    stack: "prod",
    settings,
    backup: backupPlan(backupSchema.parse({}), { profile: "production" }),
    keyArn,
    alarmsKeyArn,
    copyKeyArn: settings.secondRegion === undefined ? undefined : copyKeyArn,
    elsewhere:
      settings.secondRegion === undefined ? undefined : new aws.Provider("aws-second", { region: "eu-west-1" }),
    protects: [{ name: "primary", kind, arn: `arn:aws:rds:eu-central-1:${account}:db:howdah-prod` }],
    resourceIds: ["db-ABC"],
    restoreNetwork: { subnetGroupName: "private", securityGroupIds: ["sg-1"] },
  };
}

const graphs = new Map<string, Promise<Graph<AwsBackups>>>();

const makeGraph = (changes: object, preview: boolean): Promise<Graph<AwsBackups>> =>
  graphOf(
    () => {
      const backups = new AwsBackups("backups", argsOf(changes));
      for (const job of jobs) backups.identity(job, { namespace: "howdah", serviceAccount: job });
      return backups;
    },
    preview,
    answers,
  );

/** Each is made once. */
function graph(changes: object = {}, preview = false): Promise<Graph<AwsBackups>> {
  const key = JSON.stringify([changes, preview]);
  const found = graphs.get(key) ?? makeGraph(changes, preview);
  graphs.set(key, found);
  return found;
}

const made = async (changes: object = {}): Promise<readonly Registration[]> => (await graph(changes)).registrations;
const ofType = (all: readonly Registration[], type: string) =>
  all.filter((one) => one.type.startsWith("aws:") && one.type.endsWith(`:${type}`));
const namesOf = (all: readonly Registration[]): string[] => all.map(({ type, name }) => `${type} ${name}`).sort();
const second = { secondRegion: "eu-west-1" };

interface WrittenPolicy {
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }[];
}
const listed = (value: string | readonly string[]): readonly string[] => (typeof value === "string" ? [value] : value);

/** The policy of a resource, every action and resource in a list. */
function policyOf({ inputs }: Registration): WrittenPolicy {
  const { Statement } = JSON.parse(inputs["policy"] as string) as WrittenPolicy;
  return {
    Statement: Statement.map((one) => ({ ...one, Action: listed(one.Action), Resource: listed(one.Resource) })),
  };
}

describe("everything is encrypted with the stack's keys, each in its region", () => {
  test("vaults", async () => {
    expect(ofType(await made(second), "Vault").map(({ inputs }) => inputs["kmsKeyArn"])).toEqual([keyArn, copyKeyArn]);
  });

  test("buckets with dumps; access logs cannot be", async () => {
    const all = await made(second);
    const rules = ofType(all, "BucketServerSideEncryptionConfiguration").map(({ name, inputs }) => [
      name,
      (inputs["rules"] as { applyServerSideEncryptionByDefault: { kmsMasterKeyId?: string } }[])[0]!
        .applyServerSideEncryptionByDefault.kmsMasterKeyId,
    ]);
    expect(rules).toHaveLength(ofType(all, "Bucket").length);
    expect(Object.fromEntries(rules)).toEqual({
      "backups-store-dumps-encryption": keyArn,
      "backups-store-logs-encryption": undefined,
      "backups-copy-store-dumps-encryption": copyKeyArn,
      "backups-copy-store-logs-encryption": undefined,
    });
  });

  test("replicated backups, copies of dumps, the topic", async () => {
    const all = await made(second);
    expect(ofType(all, "InstanceAutomatedBackupsReplication")[0]!.inputs).toMatchObject({
      kmsKeyId: copyKeyArn,
      retentionPeriod: 30,
    });
    expect(ofType(all, "Topic")[0]!.inputs).toMatchObject({ kmsMasterKeyId: alarmsKeyArn });
    expect(ofType(all, "BucketReplicationConfig")[0]!.inputs["rules"]).toMatchObject([
      {
        deleteMarkerReplication: { status: "Disabled" },
        destination: { encryptionConfiguration: { replicaKmsKeyId: copyKeyArn } },
        sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
      },
    ]);
  });
});

test("every bucket is private, versioned, owned, tidied up, and takes TLS only", async () => {
  const all = await made(second);
  const buckets = ofType(all, "Bucket").map(({ name }) => name.replace(/-objects$/, ""));
  expect(buckets).toHaveLength(4);
  const guards = {
    closed: { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    versions: { versioningConfiguration: { status: "Enabled" } },
    owner: { rule: { objectOwnership: "BucketOwnerEnforced" } },
    lifecycle: {},
    policy: {},
  };
  for (const bucket of buckets) {
    for (const [guard, inputs] of Object.entries(guards))
      expect(all.find(({ name }) => name === `${bucket}-${guard}`)?.inputs).toMatchObject(inputs);
    const policy = policyOf(all.find(({ name }) => name === `${bucket}-policy`)!);
    expect(policy.Statement).toContainEqual(
      expect.objectContaining({
        Effect: "Deny",
        Action: ["s3:*"],
        Principal: "*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
    );
  }
});

test("an upload with another key is refused, and S3's access logs are the only thing that anybody else delivers", async () => {
  const all = await made();
  const dumps = policyOf(all.find(({ name }) => name === "backups-store-dumps-policy")!);
  expect(dumps.Statement.every(({ Effect }) => Effect === "Deny")).toBe(true);
  expect(dumps.Statement).toContainEqual(
    expect.objectContaining({
      Condition: {
        Null: { "s3:x-amz-server-side-encryption-aws-kms-key-id": "false" },
        StringNotEquals: { "s3:x-amz-server-side-encryption-aws-kms-key-id": keyArn },
      },
    }),
  );
  const logs = policyOf(all.find(({ name }) => name === "backups-store-logs-policy")!);
  expect(logs.Statement.filter(({ Effect }) => Effect === "Allow")).toEqual([
    expect.objectContaining({
      Principal: { Service: "logging.s3.amazonaws.com" },
      Action: ["s3:PutObject"],
      Condition: {
        ArnEquals: { "aws:SourceArn": "${backups-store-dumps-objects.arn}" },
        StringEquals: { "aws:SourceAccount": account },
      },
    }),
  ]);
});

const vaultOf = { backupVaultName: "${backups-vault-store.name}" };

test.each([
  ["none", [], [undefined]],
  ["governance", [{ ...vaultOf, minRetentionDays: 21 }], [{ defaultRetention: { mode: "GOVERNANCE", days: 21 } }]],
  [
    "compliance",
    [{ ...vaultOf, minRetentionDays: 21, changeableForDays: 3 }],
    [{ defaultRetention: { mode: "COMPLIANCE", days: 21 } }],
  ],
])("a lock of %s is one of the vault and of the dumps", async (lock, vaults, buckets) => {
  const all = await made({ vault: { lock, lockDays: 21 } });
  expect(ofType(all, "VaultLockConfiguration").map(({ inputs }) => inputs)).toEqual(vaults);
  expect(ofType(all, "BucketObjectLockConfiguration").map(({ inputs }) => inputs["rule"])).toEqual(buckets);
  expect(ofType(all, "Bucket").find(({ name }) => name.includes("dumps"))?.inputs).toMatchObject({
    objectLockEnabled: true,
  });
});

test("only administrators can delete a backup from the vault", async () => {
  const policy = policyOf(ofType(await made(), "VaultPolicy")[0]!);
  // Neither what it keeps, nor the guards themselves.
  const [guarded] = policy.Statement.map(({ Action }) => listed(Action));
  expect(guarded).toEqual(
    [
      "DeleteBackupVault",
      "DeleteBackupVaultAccessPolicy",
      "DeleteBackupVaultLockConfiguration",
      "DeleteRecoveryPoint",
      "PutBackupVaultAccessPolicy",
      "PutBackupVaultLockConfiguration",
      "UpdateRecoveryPointLifecycle",
    ].map((action) => `backup:${action}`),
  );
  expect(policy.Statement).toEqual([
    expect.objectContaining({
      Effect: "Deny",
      Action: expect.arrayContaining(["backup:DeleteRecoveryPoint"]) as unknown,
      Condition: {
        ArnNotEquals: { "aws:PrincipalArn": [`arn:aws:iam::${account}:role/admin`] },
        Bool: { "aws:PrincipalIsAWSService": "false" },
      },
    }),
  ]);
});

describe("roles", () => {
  test("none of ours allows a whole service, or every resource", async () => {
    const roles = ofType(await made(second), "RolePolicy");
    expect(roles).toHaveLength(jobs.length + 1);
    for (const role of roles)
      for (const { Action, Resource } of policyOf(role).Statement) {
        for (const action of Action) expect(action).not.toContain("*");
        for (const resource of Resource) expect(resource).toMatch(/^(arn:|\$\{)[^*]+(\/\*(\.json)?)?$/);
      }
  });

  test("each trusts one principal, on behalf of this account", async () => {
    for (const { inputs } of ofType(await made(second), "Role")) {
      const trust = inputs["assumeRolePolicy"] as string;
      expect(trust).not.toContain("*");
      // S3's guide knows of no condition for the role of a replication.
      if (!trust.includes("s3.amazonaws.com"))
        expect(trust).toMatch(/"(aws:SourceAccount|oidc.example.com\/id\/ABC:sub)"/);
    }
  });

  test("replication may delete nothing", async () => {
    const replication = ofType(await made(second), "RolePolicy").find(({ name }) => name.includes("replication"))!;
    expect(replication.inputs["policy"]).not.toContain("Delete");
  });
});

test("snapshots are taken of exactly the servers, in tiers", async () => {
  const all = await made(second);
  expect(ofType(all, "Selection")[0]!.inputs).toMatchObject({
    resources: [`arn:aws:rds:eu-central-1:${account}:db:howdah-prod`],
  });
  const rules = ofType(all, "Plan")[0]!.inputs["rules"] as Record<string, unknown>[];
  const copy = (deleteAfter: number) => [
    { destinationVaultArn: "${backups-copy-vault-store.arn}", lifecycle: { deleteAfter } },
  ];
  expect(rules).toMatchObject([
    { ruleName: "daily", schedule: "cron(0 1 ? * MON-SAT *)", lifecycle: { deleteAfter: 30 }, copyActions: copy(30) },
    { ruleName: "weekly", schedule: "cron(0 1 ? * SUN *)", lifecycle: { deleteAfter: 90 }, copyActions: copy(90) },
    { ruleName: "monthly", schedule: "cron(30 1 1 * ? *)", lifecycle: { deleteAfter: 365 }, copyActions: copy(365) },
  ]);
});

test("restores are tried on the schedule of the drill, in private subnets", async () => {
  const all = await made();
  expect(ofType(all, "RestoreTestingPlan")[0]!.inputs).toMatchObject({
    name: "howdah_prod",
    scheduleExpression: "cron(0 5 * * ? *)",
    recoveryPointSelection: { algorithm: "LATEST_WITHIN_WINDOW", includeVaults: ["${backups-vault-store.arn}"] },
  });
  expect(ofType(all, "RestoreTestingSelection")[0]!.inputs).toMatchObject({
    protectedResourceType: "RDS",
    restoreMetadataOverrides: {
      dbSubnetGroupName: "private",
      vpcSecurityGroupIds: '["sg-1"]',
      publiclyAccessible: "false",
    },
  });
});

test("failures of the stack's own jobs are reported, over TLS, by this rule alone", async () => {
  const all = await made();
  const pattern = JSON.parse(ofType(all, "EventRule")[0]!.inputs["eventPattern"] as string) as unknown;
  expect(pattern).toMatchObject({
    source: ["aws.backup"],
    detail: {
      iamRoleArn: ["${backups-restore-test-role.arn}", "${backups-snapshots-role.arn}", { exists: false }],
    },
  });
  expect(policyOf(ofType(all, "TopicPolicy")[0]!).Statement).toEqual([
    expect.objectContaining({ Effect: "Allow", Action: ["sns:Publish"] }),
    expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
  ]);
});

describe("the second region", () => {
  const elsewhere = (all: readonly Registration[]) =>
    all.filter(({ dependencies }) => dependencies.includes("aws-second"));

  test("without one, nothing is made there", async () => {
    const all = await made();
    expect(elsewhere(all)).toEqual([]);
    expect(namesOf(all).filter((name) => /copy|replication|automated/.test(name))).toEqual([]);
    expect(JSON.stringify(all)).not.toContain("copyActions");
  });

  test("of a Multi-AZ DB cluster, whose snapshots cannot be copied, it keeps the dumps", async () => {
    const all = await made({ ...second, topology: "rds-cluster" });
    expect(ofType(elsewhere(all), "Vault")).toEqual([]);
    expect(ofType(elsewhere(all), "Bucket")).toHaveLength(2);
    expect(JSON.stringify(all)).not.toContain("copyActions");
  });

  test("RDS replicates the backups of instances only", async () => {
    const types = (all: readonly Registration[]) => ofType(all, "InstanceAutomatedBackupsReplication");
    expect(types(await made(second))).toHaveLength(1);
    expect(types(await made({ ...second, topology: "aurora" }))).toEqual([]);
  });

  test("without a key of its own it is refused", async () => {
    const orphaned = () => new AwsBackups("backups", { ...argsOf(second), copyKeyArn: undefined });
    await expect(graphOf(orphaned, false, answers)).rejects.toThrow("no key for the copies in eu-west-1");
  });
});

test("a restored Aurora cluster is told where to stand", async () => {
  expect(ofType(await made({ topology: "aurora" }), "RestoreTestingSelection")[0]!.inputs).toMatchObject({
    protectedResourceType: "Aurora",
    restoreMetadataOverrides: { dbSubnetGroupName: "private", vpcSecurityGroupIds: '["sg-1"]' },
  });
});

test("names do not change with tags", async () => {
  expect(namesOf(await made({ tags: { team: "data" } }))).toEqual(namesOf(await made()));
});

test("a preview shows every resource of the first up: none is made from a value that is yet to come", async () => {
  expect(namesOf((await graph(second, true)).registrations)).toEqual(namesOf(await made(second)));
});

test("a stack that may go empties its buckets and its vault, another one never", async () => {
  const forced = async (changes: object) =>
    [...ofType(await made(changes), "Bucket"), ...ofType(await made(changes), "Vault")].map(
      ({ inputs }) => inputs["forceDestroy"],
    );
  expect(new Set(await forced({}))).toEqual(new Set([false]));
  expect(new Set(await forced({ deletionProtection: false }))).toEqual(new Set([true]));
});

test("what holds data is kept, unless the stack may go", async () => {
  const keeping = ["Bucket", "InstanceAutomatedBackupsReplication", "Vault"];
  const withData = (all: readonly Registration[]) => keeping.flatMap((type) => ofType(all, type));
  const kept = withData(await made(second));
  expect(kept).toHaveLength(4 + 1 + 2);
  expect(kept.map((one) => one.kept)).toEqual(kept.map(() => true));
  const all = await made({ ...second, deletionProtection: false });
  expect(all.filter((one) => one.kept === true)).toEqual([]);
});
