import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../../component";
import { policyDocument, type Statement, tlsOnly } from "../../identity/policy-document";
import type { AwsSettings } from "../../schema/schema";
import { kept } from "../keeping";
import type { LifecycleRule } from "./lifecycle";

export interface PrivateBucketArgs {
  readonly settings: Pick<AwsSettings, "deletionProtection">;
  /** A customer key in the bucket's region; without one S3 encrypts with its own. */
  readonly keyArn?: pulumi.Input<string>;
  /** Can never be turned off again, nor on for a bucket that was made without. */
  readonly objectLock?: boolean;
  readonly lifecycle: readonly LifecycleRule[];
  /** More than "TLS only". @param arn of the bucket */
  readonly policy: (arn: pulumi.Output<string>) => pulumi.Output<readonly Statement[]>;
}

/** A private bucket: no ACLs, no public access, versioned, encrypted, TLS only. */
export class PrivateBucket extends Component {
  readonly bucket: s3.Bucket;
  readonly versioning: s3.BucketVersioning;
  /** What makes it safe to put something in. */
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    private readonly args: PrivateBucketArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:aws:PrivateBucket", name, options);
    const { settings, objectLock = false } = args;
    this.bucket = new s3.Bucket(
      `${name}-objects`,
      { forceDestroy: !settings.deletionProtection, objectLockEnabled: objectLock },
      { parent: this, ...kept(settings) },
    );
    const { versioning, ready } = this.guards(name);
    this.versioning = versioning;
    this.ready = ready;
    this.registerOutputs({});
  }

  private guards(name: string) {
    const { keyArn, lifecycle, policy } = this.args;
    const of = { bucket: this.bucket.bucket };
    const below = { parent: this };
    const owner = new s3.BucketOwnershipControls(
      `${name}-owner`,
      { ...of, rule: { objectOwnership: "BucketOwnerEnforced" } },
      below,
    );
    const closed = new s3.BucketPublicAccessBlock(
      `${name}-closed`,
      { ...of, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      below,
    );
    const versioning = new s3.BucketVersioning(
      `${name}-versions`,
      { ...of, versioningConfiguration: { status: "Enabled" } },
      below,
    );
    const sse = keyArn === undefined ? { sseAlgorithm: "AES256" } : { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn };
    const encryption = new s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { ...of, rules: [{ applyServerSideEncryptionByDefault: sse, bucketKeyEnabled: keyArn !== undefined }] },
      below,
    );
    const guard = new s3.BucketPolicy(
      `${name}-policy`,
      {
        ...of,
        policy: pulumi
          .all([this.bucket.arn, policy(this.bucket.arn)])
          .apply(([arn, more]) => policyDocument([tlsOnly(["s3:*"], [arn, `${arn}/*`]), ...more])),
      },
      // S3 refuses changes of both at the same moment.
      { ...below, dependsOn: [closed] },
    );
    new s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      { ...of, rules: lifecycle.map((rule) => ({ ...rule, transitions: [...(rule.transitions ?? [])] })) },
      { ...below, dependsOn: [versioning] },
    );
    return { versioning, ready: [owner, closed, versioning, encryption, guard] };
  }
}
