import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as iam from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import type { Keys } from "../keys/keys";
import { policyDocument, serviceTrust } from "../identity/policy-document";
import type { AwsSettings } from "../schema/schema";

export interface ObservationArgs {
  readonly stack: string;
  readonly settings: AwsSettings;
  readonly keys: Keys;
  /** Paths below `/aws/rds/`, such as `instance/howdah-prod-primary`: RDS names the logs after what writes them. */
  readonly writers: readonly string[];
}

/** Logs that a topology exports: only instances have one of upgrades that may leave. */
export const exportedLogs = (topology: AwsSettings["topology"]): readonly string[] =>
  topology === "rds-instance" ? ["postgresql", "upgrade"] : ["postgresql"];

/** What enhanced monitoring writes, in this account and region alone: the managed policy of AWS allows it in all. */
function enhancedMonitoring({ account, region }: Pick<AwsSettings, "account" | "region">): string {
  const group = `arn:aws:logs:${region}:${account}:log-group:RDS*`;
  return policyDocument([
    { actions: ["logs:CreateLogGroup", "logs:PutRetentionPolicy"], resources: [group] },
    {
      actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents"],
      resources: [`${group}:log-stream:*`],
    },
  ]);
}

/**
 * What AWS records of the servers. The log groups come before the servers: those that RDS makes by itself are kept forever, and
 * not encrypted with our key.
 */
export class RdsLogging extends Component {
  readonly role: iam.Role;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ObservationArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:aws:Observation", name, options);
    const { stack, settings, keys, writers } = args;
    const groups = writers.flatMap((writer) =>
      exportedLogs(settings.topology).map(
        (log) =>
          new cloudwatch.LogGroup(
            `${name}-${writer.replace("/", "-")}-${log}`,
            {
              name: `/aws/rds/${writer}/${log}`,
              retentionInDays: settings.monitoring.logRetentionDays,
              kmsKeyId: keys.records.arn,
            },
            // Logs outlive their server: they say what happened to it.
            { parent: this, retainOnDelete: settings.deletionProtection },
          ),
      ),
    );
    this.role = new iam.Role(
      `${name}-enhanced`,
      {
        description: `howdah ${stack}: enhanced monitoring`,
        assumeRolePolicy: serviceTrust("monitoring.rds.amazonaws.com", settings.account),
      },
      { parent: this },
    );
    const allowed = new iam.RolePolicy(
      `${name}-enhanced-policy`,
      { role: this.role.name, policy: enhancedMonitoring(settings) },
      { parent: this },
    );
    this.ready = [...groups, allowed];
    this.registerOutputs({});
  }
}
