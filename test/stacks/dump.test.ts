import { writeFileSync } from "node:fs";
import { compose } from "../../stacks/compose";
import { graphOf, hidden, settingsOf } from "../support/graph";

const answers = {
  "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({
    secretString: JSON.stringify({ password: "clear-text-of-admin" }),
  }),
  "aws:s3/getObjects:getObjects": () => ({ keys: [] }),
};
const topologies: Record<string, (keys: any) => void> = {
  staging: () => undefined,
  prod: () => undefined,
  aurora: (k) => {
    k.aws.topology = "aurora";
    k.aws.instanceClass = "db.r7g.xlarge";
    k.postgres.replicas = 1;
    k.aws.aurora = { autoscaling: { max: 4 } };
    delete k.aws.storage;
  },
  serverless: (k) => {
    k.aws.topology = "aurora";
    k.aws.instanceClass = "db.serverless";
    k.postgres.replicas = 1;
    k.aws.aurora = { serverless: { min: 4, max: 32 } };
    delete k.aws.storage;
  },
  cluster: (k) => {
    k.aws.topology = "rds-cluster";
    k.aws.instanceClass = "db.m6gd.large";
    k.postgres.replicas = 2;
    k.aws.storage = { size: "100 GB" };
    k.aws.network = { cidr: "10.9.0.0/16" };
    k.aws.secondRegion = "eu-west-1";
  },
  hipaa: (k) => {
    k.compliance = "hipaa";
    k.aws.secondRegion = "eu-west-1";
    k.aws.vault = { lock: "compliance", lockDays: 30 };
    k.aws.monitoring = { logRetentionDays: 2192 };
    k.backup = { profile: "production" };
  },
};
test.each(Object.keys(topologies))("%s", async (name) => {
  const stack = name === "prod" ? "prod" : "staging";
  const graph = await graphOf(() => compose(stack, settingsOf(stack, topologies[name])), false, answers);
  const text = JSON.stringify(
    {
      resources: graph.registrations.map((r) => ({
        type: r.type,
        name: r.name,
        inputs: hidden(r.inputs),
        dependsOn: r.dependencies,
        parent: r.parent,
        region: (r.inputs as any).region,
      })),
    },
    undefined,
    1,
  );
  writeFileSync(`/tmp/graph-${name}.json`, text.replace(/([\w-]+)\.([\w.]+?)\.computed\.invalid/g, "${$1.$2}"));
});
