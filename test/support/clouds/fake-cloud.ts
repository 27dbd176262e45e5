import * as pulumi from "@pulumi/pulumi";
import { kubernetesSchema, type KubernetesSettings } from "../../../components/kubernetes/schema";
import { KubernetesWorkloads } from "../../../components/kubernetes/workloads";
import type { Cloud, EarlierKeys, PlatformInput, Logins } from "../../../components/ports";
import { connectionBudget } from "../../../components/capacity/connections";
import { backupPlan } from "../../../components/backup/plan";
import { aws } from "../../../components/platforms/aws/platform";
import { planOf } from "../../../stacks/compose";
import { type Graph, graphOf, secretWord, settingsOf } from "../graph";

type Keys = Record<string, unknown>;

/** Settings of a cluster, after a change of their keys. */
export const clusterSettings = (change: Keys = {}): KubernetesSettings =>
  kubernetesSchema.parse({ context: "test", image: "registry.example.com/howdah:1.2.3", ...change });

/** The plan of a stack with one database. */
export function planFor(change: (keys: Keys) => void = () => undefined): PlatformInput {
  const settings = settingsOf("local", (keys) => {
    keys["network"] = { allow: [{ cidr: "10.10.0.0/16", reason: "the network of the pods" }] };
    change(keys);
  });
  const override = settings.postgres.parameters["max_connections"];
  const budget = connectionBudget(
    settings.databases,
    override === undefined ? undefined : Number(override),
    clusterSettings().poolers.max,
  );
  return { ...planOf("test", settings), budget, backup: backupPlan(settings.backup, aws.defaults) };
}

const server = (name: string) => ({ name, host: pulumi.output(`${name}.db.example.com`), port: 5432 });

/** A cloud without anything in it. */
export const fakeCloud = (change: Partial<Cloud> = {}): Cloud => ({
  server: {
    readWrite: server("primary"),
    readOnly: server("reader"),
    nodes: ["node1", "node2", "node3"].map(server),
    caFile: pulumi.output("/ca.pem"),
    administrator: {
      name: "administrator",
      password: pulumi.secret(`${secretWord}administrator`),
      endpoint: server("primary"),
      sslmode: "verify-full",
    },
    jobs: { tokenGroup: "token_group", tokens: { iam: { region: "eu-central-1" } } },
    ready: [],
  },
  authorities: "-----BEGIN CERTIFICATE-----\n",
  readTargets: ["node2", "node3"].map(server),
  unmeasured: ["wal files", "configuration files", "bloat"],
  dumps: { bucket: pulumi.output("dumps-of-test"), region: "eu-central-1", prefix: "dumps" },
  repository: "the vault",
  failures: "the topic",
  verified: pulumi.output(undefined),
  prepare: () => [],
  identity: (job, { namespace, serviceAccount }) => ({ role: `${job} for ${namespace}/${serviceAccount}` }),
  ...change,
});

/** Logins as `Access` makes them. */
export function logins(): Logins {
  const secrets = (kind: string) =>
    Object.fromEntries(
      ["howdah_pooler", "howdah_monitoring", "howdah_probe", "howdah_dump", "howdah_maintenance"].map((login) => [
        login,
        pulumi.secret(`${secretWord}${login}-${kind}`),
      ]),
    );
  return {
    passwords: secrets("password"),
    verifiers: secrets("verifier"),
    current: {},
    sessionSettings: {},
    ready: [],
  };
}

interface Change {
  readonly settings?: Keys;
  readonly plan?: (keys: Keys) => void;
  readonly cloud?: Partial<Cloud>;
  /** Made while the program runs: an output belongs to one run. */
  readonly earlierKeys?: () => EarlierKeys;
}

interface Parts {
  readonly key: pulumi.Output<string>;
  readonly endpoint: string;
  readonly authority: pulumi.Output<string> | undefined;
}

/** Everything that the adapter makes. */
export const workloadsGraph = (
  { settings, plan, cloud, earlierKeys }: Change = {},
  preview = false,
): Promise<Graph<Parts>> =>
  graphOf(() => {
    const workloads = new KubernetesWorkloads("workloads", {
      input: { ...planFor(plan), ...(earlierKeys === undefined ? {} : { earlierKeys: earlierKeys() }) },
      settings: clusterSettings(settings),
    });
    const given = fakeCloud(cloud);
    const pooler = workloads.pooler(given, logins());
    const { authority, endpoint } = pooler;
    const { host } = endpoint;
    return { endpoint: typeof host === "string" ? host : "", key: workloads.jobs(given, logins()), authority };
  }, preview);
