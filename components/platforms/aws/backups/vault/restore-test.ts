import * as backup from "@pulumi/aws/backup";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../../component";
import { backupName } from "../../names";
import type { AwsSettings } from "../../schema/schema";
import { requiredAwsCron } from "./aws-cron";
import { backupRole } from "./role";
import type { Vault } from "./vault";

/** Network of a restored server. */
export interface RestoreNetwork {
  readonly subnetGroupName: pulumi.Input<string>;
  readonly securityGroupIds: readonly pulumi.Input<string>[];
}

export interface RestoreTestArgs {
  readonly stack: string;
  readonly settings: Pick<AwsSettings, "account" | "topology" | "instanceClass">;
  /** Five cron fields, UTC. */
  readonly schedule: string;
  readonly vault: Vault;
  readonly protects: readonly pulumi.Input<string>[];
  readonly restoreNetwork: RestoreNetwork;
}

/**
 * What AWS Backup cannot guess of a restore, by the keys that may be overridden; docs "Restore testing inferred metadata". Without
 * the first two it takes the default VPC. What it guesses is a single server without deletion protection.
 */
export const restoreMetadata = (
  { topology, instanceClass }: Pick<AwsSettings, "topology" | "instanceClass">,
  { subnetGroupName, securityGroupIds }: RestoreNetwork,
): Readonly<Record<string, pulumi.Input<string>>> => ({
  dbSubnetGroupName: subnetGroupName,
  vpcSecurityGroupIds: pulumi.jsonStringify(securityGroupIds),
  ...(topology === "rds-instance"
    ? { dbInstanceClass: instanceClass, multiAz: "false", publiclyAccessible: "false" }
    : {}),
});

/**
 * AWS restores the newest snapshot of each server on a schedule, keeps it for an hour, and deletes it. This proves that snapshots
 * can be restored; what is in them is proven by the drill of the dumps.
 */
export class RestoreTest extends Component {
  /** Role that restores. */
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: RestoreTestArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:aws:RestoreTest", name, options);
    const { stack, settings, schedule, vault, protects, restoreNetwork } = args;
    const below = { parent: this };
    const { role, allowed } = backupRole(
      name,
      { description: `howdah ${stack}: tries restores`, account: settings.account, does: "Restores" },
      below,
    );
    const plan = new backup.RestoreTestingPlan(
      `${name}-plan`,
      {
        // Pulumi's own name would have a hyphen, which AWS refuses here.
        name: backupName(stack),
        scheduleExpression: requiredAwsCron(schedule),
        scheduleExpressionTimezone: "Etc/UTC",
        startWindowHours: 2,
        recoveryPointSelection: {
          algorithm: "LATEST_WITHIN_WINDOW",
          includeVaults: [vault.arn],
          recoveryPointTypes: ["SNAPSHOT"],
          selectionWindowDays: 35,
        },
      },
      below,
    );
    new backup.RestoreTestingSelection(
      `${name}-selection`,
      {
        name: "servers",
        restoreTestingPlanName: plan.name,
        iamRoleArn: role.arn,
        protectedResourceType: settings.topology === "aurora" ? "Aurora" : "RDS",
        protectedResourceArns: [...protects],
        validationWindowHours: 1,
        restoreMetadataOverrides: restoreMetadata(settings, restoreNetwork),
      },
      // Its name is free only once the old one is gone.
      { ...below, dependsOn: [allowed], deleteBeforeReplace: true },
    );
    this.roleArn = role.arn;
    this.registerOutputs({});
  }
}
