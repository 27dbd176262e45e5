import { type Conditions, policyDocument } from "../identity/policy-document";

/** Users of a key, and how they use it. */
export interface KeyUse {
  /** Services that use it for their callers, such as `rds` or `s3`. */
  readonly through: readonly string[];
  /** Services that use it on their own: under which conditions, and how if not in every way. */
  readonly services?: readonly {
    readonly principal: string;
    readonly actions?: readonly string[];
    readonly conditions?: Conditions;
  }[];
}

export interface KeyPolicyInput extends KeyUse {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** ARNs; they may administer the key, and not use it. */
  readonly administrators: readonly string[];
}

const administration = [
  "CancelKeyDeletion",
  "CreateAlias",
  "DeleteAlias",
  "DescribeKey",
  "DisableKey",
  "DisableKeyRotation",
  "EnableKey",
  "EnableKeyRotation",
  "GetKeyPolicy",
  "GetKeyRotationStatus",
  "ListAliases",
  "ListGrants",
  "ListKeyPolicies",
  "ListResourceTags",
  "PutKeyPolicy",
  "RevokeGrant",
  "ScheduleKeyDeletion",
  "TagResource",
  "UntagResource",
  "UpdateAlias",
  "UpdateKeyDescription",
].map((action) => `kms:${action}`);

const use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];

/** A key's policy speaks of that key alone, and KMS takes no other resource in it. */
const resources = ["*"];

/**
 * Policy of a key: administrators administer it, and principals of the account that IAM allows it use it, but through the named
 * services only. No principal has `kms:*`, not even the account's root: the user of `up` has to be an administrator of the key, or KMS
 * refuses the policy as one that locks its author out.
 */
export function keyPolicy(input: KeyPolicyInput): string {
  const { account, region, administrators, through, services = [] } = input;
  const everybody = { AWS: `arn:aws:iam::${account}:root` };
  const via: Conditions = {
    StringEquals: {
      "kms:CallerAccount": account,
      "kms:ViaService": [...through].sort().map((service) => `${service}.${region}.amazonaws.com`),
    },
  };
  return policyDocument([
    { sid: "Administration", principals: { AWS: [...administrators].sort() }, actions: administration, resources },
    { sid: "UseThroughServices", principals: everybody, actions: use, resources, conditions: via },
    {
      // RDS and AWS Backup work on by themselves, with a grant.
      sid: "GrantsForServices",
      principals: everybody,
      actions: ["kms:CreateGrant"],
      resources,
      conditions: { ...via, Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
    ...services.map(({ principal, actions = use, conditions }) => ({
      principals: { Service: principal },
      actions,
      resources,
      ...(conditions === undefined ? {} : { conditions }),
    })),
  ]);
}
