import * as backup from "@pulumi/aws/backup";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../../component";
import { policyDocument } from "../../identity/policy-document";
import type { AwsSettings } from "../../schema/schema";
import { kept } from "../keeping";

export interface VaultArgs {
  readonly settings: Pick<AwsSettings, "vault" | "deletionProtection" | "keyAdministrators">;
  /** Of a key in the vault's region. */
  readonly keyArn: pulumi.Input<string>;
}

/** Days in which a compliance lock can still be taken back; AWS takes no fewer. */
const graceDays = 3;

/**
 * Only the administrators delete a backup or make its life shorter; AWS itself does when its time is over. The resource
 * of a vault's policy is whatever the vault holds, in ARNs of many services.
 */
export const vaultPolicy = (administrators: readonly string[]): string =>
  policyDocument([
    {
      sid: "KeepRecoveryPoints",
      effect: "Deny",
      principals: "*",
      // The policy and the lock themselves, too: a role that could take these away could delete next.
      actions: [
        "backup:DeleteBackupVault",
        "backup:DeleteBackupVaultAccessPolicy",
        "backup:DeleteBackupVaultLockConfiguration",
        "backup:DeleteRecoveryPoint",
        "backup:PutBackupVaultAccessPolicy",
        "backup:PutBackupVaultLockConfiguration",
        "backup:UpdateRecoveryPointLifecycle",
      ],
      resources: ["*"],
      conditions: {
        ArnNotEquals: { "aws:PrincipalArn": [...administrators].sort() },
        Bool: { "aws:PrincipalIsAWSService": "false" },
      },
    },
  ]);

/** A vault of AWS Backup: encrypted with a key of the stack's own, its backups locked as the config says. */
export class Vault extends Component {
  readonly arn: pulumi.Output<string>;
  readonly vaultName: pulumi.Output<string>;
  /** Lock and policy stand before the first backup comes. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: VaultArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:aws:Vault", name, options);
    const { settings, keyArn } = args;
    const { lock, lockDays } = settings.vault;
    const below = { parent: this, ...kept(settings) };
    const vault = new backup.Vault(
      `${name}-store`,
      { kmsKeyArn: keyArn, forceDestroy: !settings.deletionProtection },
      below,
    );
    const of = { backupVaultName: vault.name };
    // A stack without deletion protection must be able to empty its vault.
    const policies = settings.deletionProtection
      ? [new backup.VaultPolicy(`${name}-policy`, { ...of, policy: vaultPolicy(settings.keyAdministrators) }, below)]
      : [];
    const locks =
      lock === "none"
        ? []
        : [
            new backup.VaultLockConfiguration(
              `${name}-lock`,
              {
                ...of,
                minRetentionDays: lockDays,
                // With days of grace a lock is one of compliance, without them one of governance.
                ...(lock === "compliance" ? { changeableForDays: graceDays } : {}),
              },
              below,
            ),
          ];
    this.arn = vault.arn;
    this.vaultName = vault.name;
    this.ready = [...policies, ...locks];
    this.registerOutputs({});
  }
}
