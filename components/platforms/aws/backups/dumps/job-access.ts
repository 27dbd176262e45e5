import { drillFolder, latestDrillObject } from "../../../../../contracts/drill-record";
import type { JobName } from "../../../../ports";
import { jobLogins } from "../../../../postgres/access/matrix";
import type { Statement } from "../../identity/policy-document";

/** Resources that the jobs use. */
export interface JobTargets {
  readonly account: string;
  readonly region: string;
  readonly bucketArn: string;
  readonly keyArn: string;
  /** Of the servers, such as `db-ABC…` or `cluster-ABC…`. */
  readonly resourceIds: readonly string[];
}

/** Common part of the dumps' keys. */
export const dumpPrefix = "dumps";

/** Where a drill leaves its records: below the dumps, as it writes to their store. */
export const drillPrefix = `${dumpPrefix}/${drillFolder}`;

/** The newest drill's record. */
export const latestDrill = `${dumpPrefix}/${latestDrillObject}`;

const objects = ({ bucketArn }: JobTargets, key: string): string => `${bucketArn}/${key}`;

/** The whole list: narrowed to a prefix, S3 would answer "denied" if an object is missing, and the bucket holds nothing else. */
const list = ({ bucketArn }: JobTargets): Statement => ({ actions: ["s3:ListBucket"], resources: [bucketArn] });

const key = ({ keyArn, region }: JobTargets, actions: readonly string[]): Statement => ({
  actions,
  resources: [keyArn],
  conditions: { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
});

/** Logging in with a token, as one role of the servers. */
const connect = ({ account, region, resourceIds }: JobTargets, login: string): Statement => ({
  actions: ["rds-db:connect"],
  resources: resourceIds.map((id) => `arn:aws:rds-db:${region}:${account}:dbuser:${id}/${login}`),
});

const statements: Readonly<Record<JobName, (targets: JobTargets) => Statement[]>> = {
  /** Writes dumps, reads them back, and removes those that have had their time. */
  dump: (targets) => [
    connect(targets, jobLogins.dump),
    list(targets),
    { actions: ["s3:ListBucketMultipartUploads"], resources: [targets.bucketArn] },
    {
      actions: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      resources: [objects(targets, `${dumpPrefix}/*`)],
    },
    {
      // The job that makes a backup does not write the proof that it is good.
      effect: "Deny",
      actions: ["s3:DeleteObject", "s3:PutObject"],
      resources: [objects(targets, `${drillPrefix}/*`)],
    },
    // Parts of an upload are read back to be joined, hence Decrypt.
    key(targets, ["kms:Decrypt", "kms:GenerateDataKey"]),
  ],
  /** Reads dumps, and writes what it found. */
  drill: (targets) => [
    list(targets),
    { actions: ["s3:GetObject"], resources: [objects(targets, `${dumpPrefix}/*`)] },
    {
      actions: ["s3:AbortMultipartUpload", "s3:PutObject"],
      resources: [objects(targets, `${drillPrefix}/*`)],
    },
    key(targets, ["kms:Decrypt", "kms:GenerateDataKey"]),
  ],
  maintenance: (targets) => [connect(targets, jobLogins.maintenance)],
  /** Reads manifests and the drills' records, no dump. */
  metrics: (targets) => [
    list(targets),
    { actions: ["s3:GetObject"], resources: [objects(targets, `${dumpPrefix}/*.json`)] },
    key(targets, ["kms:Decrypt"]),
  ],
};

/** The least that a job needs. Deleting an object leaves its version, which no job can remove. */
export const jobStatements = (job: JobName, targets: JobTargets): Statement[] => statements[job](targets);
