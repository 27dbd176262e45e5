import type { Statement } from "../../identity/policy-document";

/**
 * Refuses an upload that asks for another encryption, or another key, than the bucket's own, or brings a key along; one that asks for
 * none gets the bucket's.
 * @param arn of the bucket
 * @param keyArn of the bucket's key
 */
export const ownKeyOnly = (arn: string, keyArn: string): Statement[] => {
  const refuse = (sid: string, header: string, value: string): Statement => ({
    sid,
    effect: "Deny",
    principals: "*",
    actions: ["s3:PutObject"],
    resources: [`${arn}/*`],
    // Without "Null", a request that lacks the header would be refused, too.
    conditions: { Null: { [header]: "false" }, StringNotEquals: { [header]: value } },
  });
  return [
    refuse("KmsOnly", "s3:x-amz-server-side-encryption", "aws:kms"),
    {
      sid: "NoCustomerKey",
      effect: "Deny",
      principals: "*",
      actions: ["s3:PutObject"],
      resources: [`${arn}/*`],
      conditions: { Null: { "s3:x-amz-server-side-encryption-customer-algorithm": "false" } },
    },
    refuse("OwnKeyOnly", "s3:x-amz-server-side-encryption-aws-kms-key-id", keyArn),
  ];
};

/** Where a bucket's access logs go, and whose they are. */
export interface LogDelivery {
  readonly account: string;
  /** Bucket with the logs. */
  readonly arn: string;
  /** Bucket that is logged. */
  readonly source: string;
}

/** Lets S3 deliver the access logs of one bucket, and nothing else. */
export const logDelivery = ({ account, arn, source }: LogDelivery): Statement[] => [
  {
    sid: "AccessLogs",
    principals: { Service: "logging.s3.amazonaws.com" },
    actions: ["s3:PutObject"],
    resources: [`${arn}/*`],
    conditions: { ArnEquals: { "aws:SourceArn": source }, StringEquals: { "aws:SourceAccount": account } },
  },
];
