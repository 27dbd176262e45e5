import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../../component";
import type { AwsSettings } from "../../schema/schema";
import { logDelivery, ownKeyOnly } from "./bucket-policies";
import { kept } from "../keeping";
import { type LifecycleRule, logRules } from "./lifecycle";
import { PrivateBucket } from "./private-bucket";

export interface DumpBucketArgs {
  readonly settings: Pick<AwsSettings, "account" | "deletionProtection" | "monitoring" | "vault">;
  /** Of a key in the bucket's region. */
  readonly keyArn: pulumi.Input<string>;
  readonly lifecycle: readonly LifecycleRule[];
}

/**
 * A bucket for dumps, in one region: encrypted with a customer key, locked as the vault is, and with a second bucket that keeps
 * its access logs. Object lock is always enabled, as it could not be later; without a lock in the config it locks nothing.
 */
export class DumpBucket extends Component {
  readonly dumps: PrivateBucket;
  /** What makes it safe to put something in. */
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    private readonly args: DumpBucketArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:aws:DumpBucket", name, options);
    const { settings, keyArn, lifecycle } = args;
    this.dumps = new PrivateBucket(
      `${name}-dumps`,
      {
        settings,
        keyArn,
        objectLock: true,
        lifecycle,
        policy: (arn) => pulumi.all([arn, keyArn]).apply(([bucket, key]) => ownKeyOnly(bucket, key)),
      },
      { parent: this },
    );
    const lock = this.lock(`${name}-lock`);
    this.logs(`${name}-logs`);
    this.ready = [...this.dumps.ready, lock];
    this.registerOutputs({});
  }

  private lock(name: string): s3.BucketObjectLockConfiguration {
    const { settings } = this.args;
    const { lock, lockDays: days } = settings.vault;
    const rule =
      lock === "none"
        ? {}
        : { rule: { defaultRetention: { mode: lock === "compliance" ? "COMPLIANCE" : "GOVERNANCE", days } } };
    return new s3.BucketObjectLockConfiguration(
      name,
      { bucket: this.dumps.bucket.bucket, objectLockEnabled: "Enabled", ...rule },
      { parent: this, dependsOn: [this.dumps.versioning], ...kept(settings) },
    );
  }

  /** S3 delivers access logs to a bucket of the same region, encrypted with its own key: it cannot use ours for that. */
  private logs(name: string): void {
    const { settings } = this.args;
    const { account, monitoring } = settings;
    const source = this.dumps.bucket;
    const logs = new PrivateBucket(
      name,
      {
        settings,
        lifecycle: logRules(monitoring.logRetentionDays),
        policy: (arn) =>
          pulumi
            .all([arn, source.arn])
            .apply(([bucket, logged]) => logDelivery({ account, arn: bucket, source: logged })),
      },
      { parent: this },
    );
    new s3.BucketLogging(
      `${name}-delivery`,
      { bucket: source.bucket, targetBucket: logs.bucket.bucket, targetPrefix: "dumps/" },
      { parent: this, dependsOn: [...logs.ready] },
    );
  }
}
