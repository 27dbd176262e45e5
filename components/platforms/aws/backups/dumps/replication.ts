import * as iam from "@pulumi/aws/iam";
import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../../component";
import { policyDocument, type Statement } from "../../identity/policy-document";
import type { AwsSettings } from "../../schema/schema";
import type { DumpBucket } from "./bucket";

/** One end of a replication. */
export interface End {
  readonly region: string;
  readonly bucketArn: string;
  readonly keyArn: string;
}

const through = (region: string) => ({ StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } });

/**
 * What S3 needs to copy objects, their locks and their tags, from one bucket to another; S3 User Guide, "Setting up permissions for
 * live replication" and "Replicating encrypted objects". It may not delete: deletions are not copied.
 */
export const replicationStatements = (from: End, to: End): Statement[] => [
  { actions: ["s3:GetReplicationConfiguration", "s3:ListBucket"], resources: [from.bucketArn] },
  {
    actions: [
      "s3:GetObjectLegalHold",
      "s3:GetObjectRetention",
      "s3:GetObjectVersionAcl",
      "s3:GetObjectVersionForReplication",
      "s3:GetObjectVersionTagging",
    ],
    resources: [`${from.bucketArn}/*`],
  },
  { actions: ["s3:ReplicateObject", "s3:ReplicateTags"], resources: [`${to.bucketArn}/*`] },
  { actions: ["kms:Decrypt"], resources: [from.keyArn], conditions: through(from.region) },
  { actions: ["kms:Encrypt", "kms:GenerateDataKey"], resources: [to.keyArn], conditions: through(to.region) },
];

export interface ReplicationArgs {
  readonly stack: string;
  readonly settings: Pick<AwsSettings, "account" | "region">;
  readonly from: DumpBucket;
  readonly to: DumpBucket;
  readonly secondRegion: string;
  readonly keyArn: pulumi.Input<string>;
  /** In the second region. */
  readonly copyKeyArn: pulumi.Input<string>;
}

/** Copies what is written to the dumps' bucket to the second region, never a deletion. */
export class Replication extends Component {
  constructor(name: string, args: ReplicationArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:aws:Replication", name, options);
    const { stack, settings, from, to, secondRegion, keyArn, copyKeyArn } = args;
    const below = { parent: this };
    const [source, target] = [from.dumps.bucket, to.dumps.bucket];
    const role = new iam.Role(
      `${name}-role`,
      {
        description: `howdah ${stack}: copies dumps to ${secondRegion}`,
        // As S3's own guide has it: whether S3 names its account when it takes a role, it does not say.
        assumeRolePolicy: policyDocument([
          { principals: { Service: "s3.amazonaws.com" }, actions: ["sts:AssumeRole"] },
        ]),
      },
      below,
    );
    const policy = pulumi
      .all([source.arn, target.arn, keyArn, copyKeyArn])
      .apply(([sourceArn, targetArn, sourceKey, targetKey]) =>
        policyDocument(
          replicationStatements(
            { region: settings.region, bucketArn: sourceArn, keyArn: sourceKey },
            { region: secondRegion, bucketArn: targetArn, keyArn: targetKey },
          ),
        ),
      );
    const allowed = new iam.RolePolicy(`${name}-policy`, { role: role.name, policy }, below);
    new s3.BucketReplicationConfig(
      `${name}-rules`,
      {
        bucket: source.bucket,
        role: role.arn,
        rules: [
          {
            id: "everything",
            status: "Enabled",
            priority: 0,
            filter: {},
            deleteMarkerReplication: { status: "Disabled" },
            sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
            destination: { bucket: target.arn, encryptionConfiguration: { replicaKmsKeyId: copyKeyArn } },
          },
        ],
      },
      { ...below, dependsOn: [allowed, from.dumps.versioning, ...to.ready] },
    );
    this.registerOutputs({});
  }
}
