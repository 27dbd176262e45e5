import type * as pulumi from "@pulumi/pulumi";
import { custom, type Relabeling } from "./custom-resources";
import { type ComponentName, labelsOf, names, selectorOf } from "./names";
import { metadataOf, type KubeScope, within } from "./scope";

/** Name in the certificate of every collector. */
export const metricsServer = "howdah-metrics";

export interface MonitorArgs {
  readonly scope: KubeScope;
  readonly component: ComponentName;
  /** Labels by which Prometheus finds it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Value of the label `instance`. Default: the name of the pod, which a StatefulSet keeps. */
  readonly instance?: string;
}

const ofScraper = (key: string) => ({ name: names.scraper, key });

/** The labels that the alerts know, as on a machine: a pod that follows another one goes on with its series. */
const relabelings = ({ scope, component, instance }: MonitorArgs): Relabeling[] => [
  { targetLabel: "stack", replacement: scope.stack },
  { targetLabel: "job", replacement: component },
  instance === undefined
    ? { targetLabel: "instance", sourceLabels: ["__meta_kubernetes_pod_name"] }
    : { targetLabel: "instance", replacement: instance },
  { action: "labeldrop", regex: "pod|container|endpoint" },
];

/** As on a machine: rules and dashboards of others tell servers apart by `instance`. */
const instancePerServer: Relabeling = {
  sourceLabels: ["stack", "server"],
  separator: "/",
  regex: "(.+/.+)",
  targetLabel: "instance",
};

/** Has Prometheus scrape the port `metrics` of a component's pods, with its certificate. */
export function monitor(name: string, args: MonitorArgs, parent: pulumi.Resource): pulumi.Resource {
  const { scope, component, labels } = args;
  return custom(
    name,
    {
      kind: "PodMonitor",
      metadata: {
        ...metadataOf(scope, component, component),
        labels: { ...labelsOf(scope.stack, component), ...labels },
      },
      spec: {
        selector: { matchLabels: selectorOf(scope.stack, component) },
        podMetricsEndpoints: [
          {
            port: "metrics",
            scheme: "https",
            tlsConfig: {
              ca: { secret: ofScraper("ca.crt") },
              cert: { secret: ofScraper("tls.crt") },
              keySecret: ofScraper("tls.key"),
              serverName: metricsServer,
            },
            interval: "15s",
            scrapeTimeout: "10s",
            relabelings: relabelings(args),
            metricRelabelings: [instancePerServer],
          },
        ],
      },
    },
    within(parent, scope),
  );
}
