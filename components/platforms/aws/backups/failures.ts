import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../../component";
import { policyDocument, tlsOnly } from "../identity/policy-document";

export interface FailuresArgs {
  readonly stack: string;
  /** Of a key that EventBridge may use. */
  readonly keyArn: pulumi.Input<string>;
  /** Roles whose jobs are watched. */
  readonly roleArns: readonly pulumi.Input<string>[];
}

/**
 * Backups, copies and restores, those of tests included, that came to no good end; EventBridge hears of one within five minutes. Jobs
 * of backups and copies have a `state`, restores a `status`. An event that does not name its role is taken for ours: too
 * much is reported rather than too little.
 */
export const failurePattern = (roleArns: readonly string[]): string =>
  JSON.stringify({
    source: ["aws.backup"],
    "detail-type": ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"],
    detail: {
      iamRoleArn: [...[...roleArns].sort(), { exists: false }],
      $or: [
        { state: ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"] },
        { status: ["ABORTED", "FAILED"] },
        { validationStatus: ["FAILED", "TIMED_OUT"] },
      ],
    },
  });

/** A topic that is notified of every failed backup, copy and restore test of the stack: subscribe the people on call. */
export class Failures extends Component {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: FailuresArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:aws:Failures", name, options);
    const { stack, keyArn, roleArns } = args;
    const below = { parent: this };
    const rule = new cloudwatch.EventRule(
      `${name}-rule`,
      {
        description: `howdah ${stack}: backups, copies and restore tests that failed`,
        eventPattern: pulumi.all([...roleArns]).apply(failurePattern),
      },
      below,
    );
    const topic = new sns.Topic(`${name}-topic`, { kmsMasterKeyId: keyArn }, below);
    const policy = new sns.TopicPolicy(
      `${name}-topic-policy`,
      {
        arn: topic.arn,
        policy: topic.arn.apply((topicArn) =>
          policyDocument([
            {
              sid: "Events",
              principals: { Service: "events.amazonaws.com" },
              actions: ["sns:Publish"],
              resources: [topicArn],
              // No condition, as in the policy of the key (`keys.ts`): one that EventBridge does not meet would drop alarms without an error.
            },
            tlsOnly(["sns:Publish"], [topicArn]),
          ]),
        ),
      },
      below,
    );
    new cloudwatch.EventTarget(
      `${name}-target`,
      { rule: rule.name, arn: topic.arn },
      { ...below, dependsOn: [policy] },
    );
    this.topicArn = topic.arn;
    this.registerOutputs({});
  }
}
