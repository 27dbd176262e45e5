import fc from "fast-check";
import { identifierProblem } from "../../components/platforms/aws/names";
import { databasesSchema } from "../../components/postgres/schema";
import { compose } from "../../stacks/compose";
import { nameProblems } from "../../stacks/config/reserved-names";
import type { StackOutputs } from "../../stacks/outputs";
import { answers, type CloudKeys, variants } from "../support/clouds/cloud-graph";
import { clear, type Graph, graphOf, type Registration, settingsOf } from "../support/graph";

/** What the engine puts behind the logical name of a resource without a name of its own: a hyphen and seven characters. */
const suffix = "-0123abc";

/** Where each type has its name, and what AWS takes as one: the reference of each service's API. */
const named: Readonly<Record<string, readonly [property: string, pattern: RegExp]>> = {
  "aws:appautoscaling/policy:Policy": ["name", /^[\w -]{1,256}$/],
  "aws:backup/plan:Plan": ["name", /^[\w.-]{1,50}$/],
  "aws:backup/restoreTestingPlan:RestoreTestingPlan": ["name", /^\w{1,50}$/],
  "aws:backup/restoreTestingSelection:RestoreTestingSelection": ["name", /^\w{1,50}$/],
  "aws:backup/selection:Selection": ["name", /^[\w.-]{1,50}$/],
  "aws:backup/vault:Vault": ["name", /^[\w-]{2,50}$/],
  "aws:cloudwatch/eventRule:EventRule": ["name", /^[\w.-]{1,64}$/],
  "aws:cloudwatch/logGroup:LogGroup": ["name", /^[\w./#-]{1,512}$/],
  "aws:ec2/securityGroup:SecurityGroup": ["name", /^(?!sg-)[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/],
  "aws:iam/role:Role": ["name", /^[\w+=,.@-]{1,64}$/],
  "aws:iam/rolePolicy:RolePolicy": ["name", /^[\w+=,.@-]{1,128}$/],
  "aws:kms/alias:Alias": ["name", /^alias\/(?!aws\/)[\w/-]{1,250}$/],
  "aws:rds/cluster:Cluster": ["clusterIdentifier", /^(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]$/],
  "aws:rds/clusterInstance:ClusterInstance": ["identifier", /^(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]$/],
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": ["name", /^(?!.*--)[a-z][a-z0-9-]{0,253}[a-z0-9]$/],
  "aws:rds/instance:Instance": ["identifier", /^(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]$/],
  "aws:rds/parameterGroup:ParameterGroup": ["name", /^(?!.*--)[a-z][a-z0-9-]{0,253}[a-z0-9]$/],
  "aws:rds/subnetGroup:SubnetGroup": ["name", /^[a-z0-9 ._-]{1,255}$/],
  "aws:s3/bucket:Bucket": ["bucket", /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/],
  "aws:secretsmanager/secret:Secret": ["name", /^[\w/+=.@-]{1,512}$/],
  "aws:sns/topic:Topic": ["name", /^[\w-]{1,256}$/],
};

/** Types whose resources have no name of their own. */
const nameless =
  /:(Vault(LockConfiguration|Policy)|EventTarget|DefaultSecurityGroup|FlowLog|Route\w*|Subnet|Vpc\w*|PodIdentityAssociation|RolePolicyAttachment|Key|Bucket\w+|SecretVersion|TopicPolicy|SecurityGroupIngressRule|InstanceAutomatedBackupsReplication|Target)$/;

const dnsName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/;
/** Shorter than others: pods and services are named after these, CronJobs put a time behind theirs. */
const kubernetesLimits: Readonly<Record<string, number>> = { CronJob: 52, StatefulSet: 52, Service: 63, Namespace: 63 };

type Properties = Readonly<Record<string, unknown>>;

function* labelsIn(value: unknown): Generator<Properties> {
  if (Array.isArray(value)) for (const one of value) yield* labelsIn(one);
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value)) {
      if (["labels", "matchLabels"].includes(key)) yield one as Properties;
      yield* labelsIn(one);
    }
}

function kubernetesProblems({ type, inputs }: Registration): string[] {
  const shown = clear(inputs) as { metadata?: { name?: string }; data?: Properties; stringData?: Properties };
  const name = shown.metadata?.name ?? "";
  const longest = kubernetesLimits[type.split(":").at(-1) ?? ""] ?? 253;
  // The labels of a rule are Prometheus' own, whose values are any text.
  const labelled = type.endsWith(":PrometheusRule") ? shown.metadata : shown;
  const values = [...labelsIn(labelled)].flatMap((labels) => Object.values(labels));
  const keys = Object.keys({ ...shown.data, ...shown.stringData });
  return [
    ...(dnsName.test(name) && name.length <= longest ? [] : [`${type} ${name}`]),
    ...values
      .filter((value) => !labelValue.test(String(value)))
      .map((value) => `${type} ${name} label ${String(value)}`),
    ...keys.filter((key) => !/^[-.\w]{1,253}$/.test(key)).map((key) => `${type} ${name} key ${key}`),
  ];
}

function problemsOf({ registrations }: Graph<unknown>): string[] {
  return registrations.flatMap((one) => {
    // What is read in, and not made, has its name from others.
    if (one.type.startsWith("kubernetes:") && !one.name.endsWith("-pooler-secret")) return kubernetesProblems(one);
    const [property, pattern] = named[one.type] ?? [];
    if (property === undefined || pattern === undefined)
      return one.type.startsWith("aws:") && !nameless.test(one.type) ? [`${one.type} has no row`] : [];
    const name = (clear(one.inputs) as Readonly<Record<string, string>>)[property] ?? `${one.name}${suffix}`;
    return pattern.test(name) ? [] : [`${one.type} ${one.name}: ${name}`];
  });
}

const graphNamed = (
  stack: string,
  variant: keyof typeof variants,
  change: (keys: CloudKeys) => void,
): Promise<Graph<StackOutputs>> => {
  const [base, vary] = variants[variant]!;
  const settings = settingsOf(base, (keys) => {
    vary(keys as unknown as CloudKeys);
    change(keys as unknown as CloudKeys);
  });
  return graphOf(() => compose(stack, settings), false, answers);
};

/** What the engine takes as the name of a stack, and odd ones more often than by chance. */
const stackName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/),
  fc.stringMatching(/^[a-z]([a-z0-9]|-[a-z0-9]){0,16}$/),
  fc.constantFrom("Prod_EU", "p".repeat(70), "-x-", "a".repeat(100), "_", "prod.eu"),
);
const identifier = fc.stringMatching(/^[a-z][a-z0-9_]{0,47}$/);
const own = (prefix: string) => identifier.map((name) => `${prefix}${name}`.slice(0, 48).replaceAll(/_+$/g, ""));

interface Named {
  readonly stack: string;
  readonly database: string;
  readonly application: string;
  readonly schema: string;
}

const databasesOf = ({ database, application, schema }: Named) => ({
  [database]: { schemas: [schema], applications: { [application]: { pool: 20 } } },
});
const names = fc
  .record({ stack: stackName, database: own("d"), application: own("x"), schema: own("s") })
  // What the config refuses, such as a reserved word of SQL, has no graph.
  .filter((named) => nameProblems(databasesSchema.parse(databasesOf(named))).length === 0);

test.each(Object.keys(variants))(
  "names are within their limits, whatever stack, database and application are called: %s",
  async (variant) => {
    await fc.assert(
      fc.asyncProperty(names, async (named) => {
        const { stack } = named;
        const graph = await graphNamed(stack, variant, (keys) => {
          Object.assign(keys, { databases: databasesOf(named) });
          // As the error of the config asks.
          if (identifierProblem(stack, {}) !== undefined) Object.assign(keys.aws, { identifier: "i".repeat(40) });
        });
        expect(problemsOf(graph)).toEqual([]);
      }),
      // A graph takes seconds on a busy machine, and smaller names are of no more use than these.
      { numRuns: 2, endOnFailure: true },
    );
  },
  180_000,
);

test("control: without the check of the config, such a stack has names that RDS refuses", async () => {
  const graph = await graphNamed("Prod_EU", "an RDS Multi-AZ instance", () => undefined);
  expect(problemsOf(graph)).toContainEqual(expect.stringContaining("howdah-Prod_EU-primary"));
});
