import * as backup from "@pulumi/aws/backup";
import type * as pulumi from "@pulumi/pulumi";
import type { BackupPlan } from "../../../../backup/plan";
import { Component } from "../../../../component";
import type { AwsSettings } from "../../schema/schema";
import { requiredAwsCron } from "./aws-cron";
import { type ScheduledTier, scheduledTiers } from "../tiers";
import { backupRole } from "./role";
import type { Vault } from "./vault";

export interface SnapshotsArgs {
  readonly stack: string;
  readonly settings: Pick<AwsSettings, "account">;
  readonly backup: BackupPlan;
  readonly vault: Vault;
  /** In the second region. */
  readonly copies?: Vault | undefined;
  /** ARNs of what is backed up; nothing else of the account is. */
  readonly protects: readonly pulumi.Input<string>[];
}

/**
 * Minutes in which a snapshot has to begin: AWS Backup tries again every ten minutes while RDS is at its own daily one, which may
 * take as long as the backup window.
 */
const startWindow = 120;

/** Minutes after which a snapshot, and its copy, have failed: a day, as the first ones are not incremental. */
const completionWindow = startWindow + 24 * 60;

/**
 * One rule per tier. No cold storage, which snapshots of RDS do not know; no continuous backup, which would take
 * point-in-time recovery, and its retention, out of the hands of the server's own settings.
 */
const ruleOf = ({ name, schedule, keptDays }: ScheduledTier, vaultName: pulumi.Input<string>) => ({
  ruleName: name,
  targetVaultName: vaultName,
  schedule: requiredAwsCron(schedule),
  scheduleExpressionTimezone: "Etc/UTC",
  startWindow,
  completionWindow,
  lifecycle: { deleteAfter: keptDays },
  recoveryPointTags: { "howdah:tier": name },
});

/** Scheduled snapshots of exactly the servers of the stack, in tiers, each copied to the second region if there is one. */
export class Snapshots extends Component {
  /** Role that takes snapshots and copies them. */
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: SnapshotsArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:aws:Snapshots", name, options);
    const { stack, settings, vault, copies, protects } = args;
    const below = { parent: this };
    const { role, allowed } = backupRole(
      name,
      { description: `howdah ${stack}: takes snapshots`, account: settings.account, does: "Backup" },
      below,
    );
    const plan = new backup.Plan(
      `${name}-plan`,
      {
        rules: scheduledTiers(args.backup).map((tier) => ({
          ...ruleOf(tier, vault.vaultName),
          // A copy lives as long as what it is a copy of; AWS allows no longer time.
          ...(copies === undefined
            ? {}
            : { copyActions: [{ destinationVaultArn: copies.arn, lifecycle: { deleteAfter: tier.keptDays } }] }),
        })),
      },
      { ...below, dependsOn: [...vault.ready, ...(copies?.ready ?? [])] },
    );
    new backup.Selection(
      `${name}-selection`,
      { planId: plan.id, iamRoleArn: role.arn, resources: [...protects] },
      { ...below, dependsOn: [allowed] },
    );
    this.roleArn = role.arn;
    this.registerOutputs({});
  }
}
