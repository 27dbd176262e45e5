import type * as pulumi from "@pulumi/pulumi";
import { custom } from "./custom-resources";
import { type ComponentName, labelsOf, selectorOf } from "./names";
import { metadataOf, type KubeScope, within } from "./scope";

export interface MonitorArgs {
  readonly scope: KubeScope;
  readonly component: ComponentName;
  /** Labels by which Prometheus finds it. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Has Prometheus scrape the port `metrics` of a component's pods. */
export function monitor(
  name: string,
  { scope, component, labels }: MonitorArgs,
  parent: pulumi.Resource,
): pulumi.Resource {
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
        podMetricsEndpoints: [{ port: "metrics", interval: "30s", scrapeTimeout: "10s" }],
        podTargetLabels: ["app.kubernetes.io/instance", serverLabel],
      },
    },
    within(parent, scope),
  );
}

/** Label of an exporter's pods: the server whose metrics they export. */
export const serverLabel = "howdah.io/server";
