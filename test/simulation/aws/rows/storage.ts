import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Facts, type Row, type Rows, text } from "../row";

/** A part of a bucket's configuration: one per bucket, known by the bucket's name. */
const ofBucket: Row = {
  replacing: ["bucket"],
  id: ({ inputs }) => text(inputs["bucket"]),
};

/** The same, where the API can be told whose bucket it has to be. */
const ofOwnedBucket: Row = { ...ofBucket, replacing: ["bucket", "expectedBucketOwner"] };

const vaultPart = (more: readonly string[] = []): Row => ({
  replacing: ["backupVaultName", ...more],
  id: ({ inputs }) => text(inputs["backupVaultName"]),
  computed: ({ arn, inputs }: Facts) => ({
    backupVaultArn: arn("backup", `backup-vault:${text(inputs["backupVaultName"])}`),
  }),
});

/** Buckets and AWS Backup. */
export const storage: Rows = {
  "aws:s3/bucket:Bucket": {
    name: "bucket",
    replacing: ["bucket", "bucketPrefix", "objectLockEnabled"],
    defaults: () => ({ forceDestroy: false, objectLockEnabled: false }),
    computed: ({ name, region }) => ({
      arn: `arn:aws:s3:::${name}`,
      bucketDomainName: `${name}.s3.amazonaws.com`,
      bucketRegion: region,
      bucketRegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      hostedZoneId: "Z21DNDUVLTQW6Q",
    }),
    deletionRefusal: ({ id, state }, { root }) =>
      state["forceDestroy"] !== true && existsSync(join(root, "objects", id))
        ? "BucketNotEmpty: The bucket you tried to delete is not empty"
        : undefined,
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ofOwnedBucket,
  "aws:s3/bucketLogging:BucketLogging": ofOwnedBucket,
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": ofOwnedBucket,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ofBucket,
  "aws:s3/bucketPolicy:BucketPolicy": ofBucket,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket,
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": ofBucket,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ofOwnedBucket,
  "aws:s3/bucketVersioning:BucketVersioning": ofOwnedBucket,
  "aws:backup/vault:Vault": {
    name: "name",
    replacing: ["kmsKeyArn", "name"],
    defaults: () => ({ forceDestroy: false }),
    computed: ({ arn, name }) => ({ arn: arn("backup", `backup-vault:${name}`), recoveryPoints: 0 }),
  },
  "aws:backup/vaultPolicy:VaultPolicy": vaultPart(),
  "aws:backup/vaultLockConfiguration:VaultLockConfiguration": vaultPart([
    "changeableForDays",
    "maxRetentionDays",
    "minRetentionDays",
  ]),
  "aws:backup/plan:Plan": {
    name: "name",
    replacing: ["name"],
    id: ({ uuid }) => uuid,
    computed: ({ arn, uuid, hex }) => ({ arn: arn("backup", `backup-plan:${uuid}`), version: hex(40) }),
  },
  "aws:backup/selection:Selection": {
    name: "name",
    replacing: ["conditions", "iamRoleArn", "name", "notResources", "planId", "resources", "selectionTags"],
    id: ({ uuid }) => uuid,
  },
  "aws:backup/restoreTestingPlan:RestoreTestingPlan": {
    name: "name",
    replacing: ["name"],
    computed: ({ arn, name, uuid }) => ({ arn: arn("backup", `restore-testing-plan:${name}-${uuid}`) }),
  },
  "aws:backup/restoreTestingSelection:RestoreTestingSelection": {
    name: "name",
    replacing: ["name", "protectedResourceType", "restoreTestingPlanName"],
    id: ({ inputs, name }) => `${name}:${text(inputs["restoreTestingPlanName"])}`,
  },
};
