import { compose } from "../../../stacks/compose";
import type { StackOutputs } from "../../../stacks/outputs";
import { type Answers, type Graph, graphOf, secretWord, settingsOf } from "../graph";

/** What AWS answers to a stack that has just been made: RDS keeps the administrator's password, and no drill has run. */
export const answers: Answers = {
  "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({
    secretString: JSON.stringify({ password: `${secretWord}administrator` }),
  }),
  "aws:s3/getObjects:getObjects": () => ({ keys: [] }),
};

export interface CloudKeys {
  readonly [section: string]: unknown;
  readonly aws: Record<string, unknown>;
  readonly postgres: Record<string, unknown>;
  readonly databases: Record<string, Record<string, unknown>>;
}

/** The graph of staging or prod, after a change of its config. */
export const cloudGraph = (
  stack: "staging" | "prod",
  change: (keys: CloudKeys) => void = () => undefined,
  preview = false,
): Promise<Graph<StackOutputs>> =>
  graphOf(
    () =>
      compose(
        stack,
        settingsOf(stack, (keys) => {
          change(keys as unknown as CloudKeys);
        }),
      ),
    preview,
    answers,
  );

/** One config per topology, and one for each option that makes other resources; each from staging or prod. */
export const variants: Readonly<Record<string, readonly ["staging" | "prod", (keys: CloudKeys) => void]>> = {
  "an RDS Multi-AZ instance": ["staging", () => undefined],
  "an RDS Multi-AZ DB cluster in a made network, with a second region": ["prod", () => undefined],
  Aurora: [
    "prod",
    ({ aws }) => {
      Object.assign(aws, { topology: "aurora", instanceClass: "db.r7g.2xlarge", aurora: { autoscaling: { max: 4 } } });
      delete aws["storage"];
    },
  ],
  "Aurora Serverless": [
    "staging",
    ({ aws, postgres }) => {
      Object.assign(aws, { topology: "aurora", instanceClass: "db.serverless" });
      Object.assign(aws, { aurora: { serverless: { min: 4, max: 32 } } });
      delete aws["storage"];
      postgres["replicas"] = 1;
    },
  ],
  "an instance with a second region under hipaa": [
    "staging",
    (keys) => {
      Object.assign(keys, { compliance: "hipaa", backup: { profile: "production" } });
      Object.assign(keys.aws, {
        secondRegion: "eu-west-1",
        vault: { lock: "compliance", lockDays: 30 },
        monitoring: { logRetentionDays: 2192 },
      });
    },
  ],
};
