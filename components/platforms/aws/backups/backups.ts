import * as rds from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import type { BackupPlan } from "../../../backup/plan";
import { Component } from "../../../component";
import type { DumpStore, JobName, JobSubject, Verified } from "../../../ports";
import { policyDocument } from "../identity/policy-document";
import type { AwsSettings } from "../schema/schema";
import { WorkloadIdentity } from "../identity/workload-identity";
import { DumpBucket } from "./dumps/bucket";
import { Failures } from "./failures";
import { dumpPrefix, drillPrefix, jobStatements } from "./dumps/job-access";
import { kept } from "./keeping";
import { copyRules, dumpRules } from "./dumps/lifecycle";
import { Replication } from "./dumps/replication";
import { type RestoreNetwork, RestoreTest } from "./vault/restore-test";
import { Snapshots } from "./vault/snapshots";
import { copyRegion, dumpDays, pointInTimeDays } from "./tiers";
import { Vault } from "./vault/vault";
import { newestVerified } from "./dumps/verified";

/** A server, or a cluster of servers, that holds the data. */
export interface ProtectedServer {
  /** Ends the names of what is made for it alone. */
  readonly name: string;
  readonly kind: "instance" | "cluster";
  readonly arn: pulumi.Input<string>;
}

export interface AwsBackupsArgs {
  readonly stack: string;
  readonly settings: AwsSettings;
  readonly backup: BackupPlan;
  /** Of the key that encrypts backups, in the home region. */
  readonly keyArn: pulumi.Input<string>;
  /** Of the key of the topic for failures. */
  readonly alarmsKeyArn: pulumi.Input<string>;
  /** Of the key that encrypts their copies; required with a second region, and in that region. */
  readonly copyKeyArn?: pulumi.Input<string> | undefined;
  /** Provider of the second region, if there is one. */
  readonly elsewhere?: pulumi.ProviderResource | undefined;
  /** Primaries: their backups contain all data of the replicas. */
  readonly protects: readonly ProtectedServer[];
  /** Of all servers that jobs log in to: `db-…` or `cluster-…`. */
  readonly resourceIds: readonly pulumi.Input<string>[];
  /** Network of test-restored servers. */
  readonly restoreNetwork: RestoreNetwork;
}

/** Backups on AWS: what is backed up, where to, how it is test-restored, and what the jobs next to the servers may do with it. */
export class AwsBackups extends Component {
  readonly dumps: DumpStore;
  /** ARN of the vault of AWS Backup. */
  readonly vault: pulumi.Output<string>;
  /** Topic that is notified of every failed backup, copy and restore test. */
  readonly failures: pulumi.Output<string>;
  readonly verified: pulumi.Output<Verified | undefined>;
  private readonly store: DumpBucket;

  /** @throws if there is a second region, and no key in it */
  constructor(
    private readonly name: string,
    private readonly args: AwsBackupsArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:aws:Backups", name, options);
    const { settings, keyArn } = args;
    const vault = new Vault(`${name}-vault`, { settings, keyArn }, { parent: this });
    this.vault = vault.arn;
    this.failures = this.snapshots(name, vault);
    this.store = new DumpBucket(
      `${name}-store`,
      { settings, keyArn, lifecycle: dumpRules(this.lifecycle()) },
      { parent: this },
    );
    this.copies(name);
    const { bucket } = this.store.dumps.bucket;
    this.dumps = { bucket, region: settings.region, prefix: dumpPrefix };
    this.verified = newestVerified(bucket, { parent: this });
    this.registerOutputs({ vault: this.vault, bucket });
  }

  /**
   * Makes the role of a job, once for each.
   * @returns annotations of the service account
   */
  identity(job: JobName, subject: JobSubject): Readonly<Record<string, pulumi.Input<string>>> {
    const { stack, settings, keyArn, resourceIds } = this.args;
    const { account, region } = settings;
    const policy = pulumi
      .all([this.store.dumps.bucket.arn, keyArn, pulumi.all([...resourceIds])])
      .apply(([bucketArn, key, ids]) =>
        policyDocument(jobStatements(job, { account, region, bucketArn, keyArn: key, resourceIds: ids })),
      );
    const description = `howdah ${stack}: the ${job} job`;
    return new WorkloadIdentity(
      `${this.name}-${job}`,
      { settings, subject, description, policy },
      { parent: this, dependsOn: [...this.store.ready] },
    ).annotations;
  }

  private lifecycle() {
    const { settings, backup } = this.args;
    return {
      prefix: `${dumpPrefix}/`,
      drills: `${drillPrefix}/`,
      keptDays: dumpDays(backup),
      noncurrentDays: settings.vault.lockDays,
    };
  }

  /** Snapshots by AWS Backup, and their tests. Returns the topic for failures. */
  private snapshots(name: string, vault: Vault): pulumi.Output<string> {
    const { stack, settings, backup, restoreNetwork } = this.args;
    const protects = this.args.protects.map(({ arn }) => arn);
    const below = { parent: this };
    const copies =
      copyRegion(settings) === undefined
        ? undefined
        : new Vault(`${name}-copy-vault`, { settings, keyArn: this.copyKey() }, this.there());
    const taken = new Snapshots(`${name}-snapshots`, { stack, settings, backup, vault, copies, protects }, below);
    const { schedule } = backup.drill;
    const tested = new RestoreTest(
      `${name}-restore-test`,
      { stack, settings, schedule, vault, protects, restoreNetwork },
      below,
    );
    const roleArns = [taken.roleArn, tested.roleArn];
    return new Failures(`${name}-failures`, { stack, keyArn: this.args.alarmsKeyArn, roleArns }, below).topicArn;
  }

  /** What the second region keeps in addition to copies of snapshots: dumps, and the WAL of instances. */
  private copies(name: string): void {
    const { stack, settings, keyArn } = this.args;
    const { secondRegion } = settings;
    if (secondRegion === undefined) return;
    const copyKeyArn = this.copyKey();
    const to = new DumpBucket(
      `${name}-copy-store`,
      { settings, keyArn: copyKeyArn, lifecycle: copyRules(this.lifecycle()) },
      this.there(),
    );
    new Replication(
      `${name}-replication`,
      { stack, settings, from: this.store, to, secondRegion, keyArn, copyKeyArn },
      { parent: this },
    );
    this.automatedBackups(`${name}-automated`, copyKeyArn);
  }

  /** Snapshots and WAL, for point-in-time recovery in the second region. RDS replicates those of instances only. */
  private automatedBackups(name: string, kmsKeyId: pulumi.Input<string>): void {
    const { settings, backup, protects } = this.args;
    const retentionPeriod = pointInTimeDays(settings, backup);
    if (retentionPeriod === 0) return;
    for (const server of protects.filter(({ kind }) => kind === "instance"))
      new rds.InstanceAutomatedBackupsReplication(
        `${name}-${server.name}`,
        { sourceDbInstanceArn: server.arn, kmsKeyId, retentionPeriod },
        { ...this.there(), ...kept(settings) },
      );
  }

  /** Options of what is made in the second region. */
  private there(): pulumi.CustomResourceOptions & pulumi.ComponentResourceOptions {
    const { elsewhere, settings } = this.args;
    if (elsewhere === undefined) throw new Error(`no provider for ${settings.secondRegion ?? ""}`);
    return { parent: this, provider: elsewhere };
  }

  private copyKey(): pulumi.Input<string> {
    const { copyKeyArn, settings } = this.args;
    if (copyKeyArn === undefined) throw new Error(`no key for the copies in ${settings.secondRegion ?? ""}`);
    return copyKeyArn;
  }
}
