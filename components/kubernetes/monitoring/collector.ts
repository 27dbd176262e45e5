import * as pulumi from "@pulumi/pulumi";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type { RemoteMonitoring } from "../../../contracts/collector";
import { toSeconds } from "../../../lib/values";
import { probedDatabase } from "../../capacity/connections";
import { Component } from "../../component";
import { probeLoginOf } from "../../monitoring/probe";
import { ruleSettingsOf } from "../../monitoring/rule-settings";
import { ruleGroups, type RuleSettings } from "../../monitoring/rules";
import type { Cloud } from "../../ports/cloud";
import type { Address } from "../../ports/endpoint";
import type { PlatformInput } from "../../ports/platform";
import { publicHash } from "../../public-hash";
import { commandOf, environment, jobFileOf } from "../jobs/pod";
import { remoteStackFile } from "../jobs/stack-file";
import { custom } from "../kit/custom-resources";
import { paths } from "../kit/image";
import { monitor } from "../kit/monitors";
import { labelsOf, names, selectorOf } from "../kit/names";
import { configuration, memoryFolder, pod, type Source, temporary } from "../kit/pods";
import { metadataOf, type KubeScope, within } from "../kit/scope";
import type { KubernetesSettings } from "../schema";
import { metricsCertificate, scraping } from "./certificates";
import { collectorContainer } from "./container";
import { collectorSets, measuredSets } from "./sets";

export interface CollectorArgs {
  readonly scope: KubeScope;
  readonly input: PlatformInput;
  readonly settings: KubernetesSettings;
  readonly cloud: Pick<Cloud, "server" | "dumps" | "identity" | "unmeasured">;
  /** Service of the poolers, by a name that their certificate bears. */
  readonly pooler: Address;
  /** What has to exist before its login works, and the objects that hold its password and the authorities. */
  readonly needs: readonly pulumi.Resource[];
}

const component = names.collector;

/** What the alerts of a stack on Kubernetes follow from. */
export const ruleSettings = ({
  input,
  cloud,
  settings,
}: Omit<CollectorArgs, "scope" | "pooler" | "needs">): RuleSettings =>
  ruleSettingsOf(input, {
    servers: cloud.server.nodes.length,
    sources: measuredSets({ input, cloud }),
    targets: { [component]: 1, pooler: settings.poolers.min },
  });

/** What it probes the poolers with. An issuer may leave out its authority: then the probe fails, and the rest is collected. */
const probeSources: readonly Source[] = [
  { secret: names.probe, items: { password: paths.probePassword } },
  { secret: names.certificate, items: { "ca.crt": paths.poolerAuthority }, optional: true },
];

const filesOf = ({ budget }: Pick<PlatformInput, "budget">) =>
  [
    configuration([
      { configMap: component, items: { "job.json": paths.job } },
      { configMap: names.authorities, items: { "server-authorities.pem": paths.authorities } },
      { secret: names.monitoring, items: { password: paths.monitoringPassword } },
      ...(budget.hasProbe ? probeSources : []),
    ]),
    metricsCertificate,
    memoryFolder("work", paths.work, 16),
    temporary,
  ] as const;

/** How it probes the poolers. */
const probeOf = ({ input, pooler }: Pick<CollectorArgs, "input" | "pooler">): RemoteMonitoring["probe"] => {
  const probed = input.budget.hasProbe ? probedDatabase(input.databases) : undefined;
  return probed === undefined
    ? undefined
    : { ...pooler, authority: paths.poolerAuthority, ...probeLoginOf(probed, paths.probePassword) };
};

function podOf({ input, settings, cloud }: CollectorArgs): core.v1.PodSpec {
  const files = filesOf(input);
  return pod({
    serviceAccountName: component,
    containers: [
      collectorContainer({
        image: settings.image,
        command: commandOf(["serve-metrics"]),
        env: environment(cloud.dumps.region),
        size: { cpu: [50, 500], memory: [128, 256] },
        volumeMounts: files.map(({ mount }) => mount),
      }),
    ],
    volumes: files.map(({ volume }) => volume),
  });
}

/** Collects the metrics of the servers, dumps and drills, probes the poolers, and has Prometheus scrape them and watch by the alerts. */
export class Collector extends Component {
  constructor(
    name: string,
    private readonly args: CollectorArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:kubernetes:Collector", name, options);
    const { scope, settings } = args;
    this.deployment(name);
    monitor(`${name}-monitor`, { scope, component, instance: component, labels: settings.monitorLabels }, this);
    this.rules(`${name}-rules`);
    this.registerOutputs({});
  }

  private deployment(name: string): void {
    const { scope, cloud, needs } = this.args;
    const account = new ServiceAccount(
      `${name}-account`,
      {
        metadata: {
          ...metadataOf(scope, component, component),
          annotations: cloud.identity("metrics", { namespace: scope.namespace, serviceAccount: component }),
        },
        automountServiceAccountToken: false,
      },
      within(this, scope),
    );
    const file = this.file();
    const configured = new ConfigMap(
      `${name}-file`,
      { metadata: metadataOf(scope, component, component), data: { "job.json": file } },
      within(this, scope),
    );
    new Deployment(
      `${name}-pod`,
      {
        metadata: metadataOf(scope, component, component),
        spec: {
          // Two at a time would log in twice as often as their login may.
          replicas: 1,
          strategy: { type: "Recreate" },
          selector: { matchLabels: selectorOf(scope.stack, component) },
          template: {
            metadata: {
              labels: labelsOf(scope.stack, component),
              // The job file is read once.
              annotations: { "howdah.io/job-checksum": publicHash(file) },
            },
            spec: podOf(this.args),
          },
        },
      },
      within(this, scope, [account, configured, ...needs]),
    );
  }

  private file(): pulumi.Output<string> {
    const { input, cloud, settings } = this.args;
    const { nodes, readWrite } = cloud.server;
    const servers = pulumi.all(nodes.map(({ name, host, port }) => pulumi.output(host).apply((known) => ({ name, host: known, port })))); // prettier-ignore
    return pulumi.all([readWrite.host, cloud.dumps.bucket, servers]).apply(([host, bucket, known]) => {
      const { prefix, region } = cloud.dumps;
      const probe = probeOf(this.args);
      const monitoring = {
        scraping,
        servers: known,
        sets: collectorSets({ input, cloud }),
        rpoSeconds: toSeconds(input.objectives.rpo),
        ...(probe === undefined ? {} : { probe }),
      };
      return jobFileOf(
        remoteStackFile("metrics", {
          input,
          imagePostgres: settings.imagePostgres,
          primary: { host, port: readWrite.port },
          tokens: undefined,
          dumps: { bucket, prefix, region },
          monitoring,
        }),
      );
    });
  }

  /** The groups of the rule file that Prometheus has on a machine. */
  private rules(name: string): void {
    const { scope, settings } = this.args;
    custom(
      name,
      {
        kind: "PrometheusRule",
        metadata: {
          ...metadataOf(scope, names.rules),
          labels: { ...labelsOf(scope.stack), ...settings.monitorLabels },
        },
        spec: { groups: ruleGroups(ruleSettings(this.args)) },
      },
      within(this, scope),
    );
  }
}
