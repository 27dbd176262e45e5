import * as iam from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { serviceTrust } from "../../identity/policy-document";

export interface BackupRoleArgs {
  readonly description: string;
  /** Twelve digits. */
  readonly account: string;
  /** What AWS's managed policy of AWS Backup is for. */
  readonly does: "Backup" | "Restores";
}

/** A role of AWS Backup, and its permission, which has to be there before the role is used. */
export function backupRole(
  name: string,
  { description, account, does }: BackupRoleArgs,
  options: pulumi.CustomResourceOptions,
): { readonly role: iam.Role; readonly allowed: pulumi.Resource } {
  const role = new iam.Role(
    `${name}-role`,
    { description, assumeRolePolicy: serviceTrust("backup.amazonaws.com", account) },
    options,
  );
  const policyArn = `arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor${does}`;
  return {
    role,
    allowed: new iam.RolePolicyAttachment(`${name}-role-policy`, { role: role.name, policyArn }, options),
  };
}
