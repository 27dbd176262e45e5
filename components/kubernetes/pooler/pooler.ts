import * as pulumi from "@pulumi/pulumi";
import { StatefulSet } from "@pulumi/kubernetes/apps/v1";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2";
import { ConfigMap, Secret, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import { Component } from "../../component";
import type { Cloud } from "../../ports/cloud";
import type { Endpoint } from "../../ports/endpoint";
import type { Logins } from "../../ports/logins";
import type { PlatformInput } from "../../ports/platform";
import { monitoringLogin, poolerLogin, probeLogin } from "../../postgres/access/matrix";
import { sessionsMark } from "../../postgres/access/logins/session-settings";
import { drainOf } from "./drain";
import { ports } from "../kit/image";
import { monitor } from "../kit/monitors";
import { labelsOf, names, selectorOf } from "../kit/names";
import { metadataOf, type KubeScope, within } from "../kit/scope";
import { loginSecretOf } from "../kit/secrets";
import { userlistFile } from "../../pgbouncer/files";
import { type PodFiles, poolerFiles } from "./files";
import { poolerCollector } from "./metrics";
import { poolerPod } from "./pod";
import type { KubernetesSettings } from "../schema";

export interface KubernetesPoolerArgs {
  readonly scope: KubeScope;
  readonly input: PlatformInput;
  readonly settings: KubernetesSettings;
  readonly cloud: Pick<Cloud, "server" | "readTargets">;
  readonly logins: Logins;
  /** What has to exist before a pod may start. */
  readonly needs: readonly pulumi.Resource[];
}

/** Where its clients keep the PEM file of the authority (key `ca.crt` of the ConfigMap `pooler-authority`). */
export const clientAuthorityFile = "/etc/howdah/pooler-authority.pem";

/**
 * PgBouncer on Kubernetes. A StatefulSet, as that alone never runs a pod next to its replacement: with a Deployment, pods that
 * drain for half an hour and new ones would together take more server connections than there are.
 */
export class KubernetesPooler extends Component {
  readonly service: Service;

  constructor(
    name: string,
    private readonly args: KubernetesPoolerArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:kubernetes:Pooler", name, options);
    const { scope, needs, settings } = args;
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: metadataOf(scope, names.pooler, "pooler"), automountServiceAccountToken: false },
      within(this, scope),
    );
    const pods = this.pods(name, [account, ...this.files(name), ...needs]);
    this.scaling(name, pods);
    monitor(`${name}-monitor`, { scope, component: "pooler", labels: settings.monitorLabels }, this);
    this.service = new Service(
      `${name}-service`,
      {
        metadata: metadataOf(scope, names.pooler, "pooler"),
        spec: {
          type: "ClusterIP",
          selector: selectorOf(scope.stack, "pooler"),
          ports: [{ name: "postgres", port: ports.pooler, targetPort: "postgres", protocol: "TCP" }],
        },
      },
      // The provider waits for a pod that is ready: after this a client can connect.
      within(this, scope, [pods]),
    );
    this.registerOutputs({});
  }

  /** The files of a pod; those that hold no secret can be read in a preview. */
  private files(name: string): pulumi.Resource[] {
    const { scope, input, logins } = this.args;
    const password = loginSecretOf(logins.passwords, poolerLogin);
    const known = [monitoringLogin, ...(input.budget.hasProbe ? [probeLogin] : [])];
    const verifiers = Object.fromEntries(known.map((login) => [login, loginSecretOf(logins.verifiers, login)]));
    const files = this.rendered();
    const metadata = metadataOf(scope, names.pooler, "pooler");
    const sessions = sessionsMark(logins.sessionSettings);
    const configuration = new ConfigMap(
      `${name}-configuration`,
      {
        metadata,
        data: {
          "pgbouncer.ini": files.apply(({ ini }) => ini),
          "hba.conf": files.apply(({ hba }) => hba),
          "metrics.json": `${JSON.stringify(poolerCollector, undefined, 2)}\n`,
          "route.json": files.apply(({ route }) => `${JSON.stringify({ ...route, sessions }, undefined, 2)}\n`),
        },
      },
      // Not before: sessions opened again too early would start as the old ones did.
      within(this, scope, logins.ready),
    );
    // Waits for the servers' names, as the other files do.
    const userlist = pulumi
      .all([password, pulumi.all(verifiers), files])
      .apply(([clear, others]) => userlistFile(clear, others));
    const secret = new Secret(
      `${name}-secrets`,
      { metadata, type: "Opaque", stringData: { "userlist.txt": pulumi.secret(userlist), password } },
      within(this, scope),
    );
    return [configuration, secret];
  }

  private rendered(): pulumi.Output<PodFiles> {
    const { input, settings, cloud } = this.args;
    const named = ({ host, port }: Endpoint) => pulumi.output(host).apply((known) => ({ host: known, port }));
    const servers = pulumi.all([named(cloud.server.readWrite), pulumi.all(cloud.readTargets.map(named))]);
    return servers.apply(([primary, readTargets]) => poolerFiles({ input, settings }, { primary, readTargets }));
  }

  private pods(name: string, needs: readonly pulumi.Resource[]): StatefulSet {
    const { scope, input, settings } = this.args;
    const selector = selectorOf(scope.stack, "pooler");
    const metadata = metadataOf(scope, names.pooler, "pooler");
    return new StatefulSet(
      `${name}-pods`,
      {
        // A rolling restart takes as long as clients take to leave: `up` waits for the service instead.
        metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          // No `replicas`: autoscaling alone says how many, and starts with poolers.min.
          serviceName: names.pooler,
          podManagementPolicy: "Parallel",
          updateStrategy: { type: "RollingUpdate" },
          selector: { matchLabels: selector },
          template: {
            metadata: { labels: labelsOf(scope.stack, "pooler") },
            spec: poolerPod({ input, settings, drain: drainOf(input) }),
          },
        },
      },
      within(this, scope, needs),
    );
  }

  private scaling(name: string, pods: StatefulSet): void {
    const { scope, settings } = this.args;
    const { min, max, cpuTarget } = settings.poolers;
    const metadata = metadataOf(scope, names.pooler, "pooler");
    new PodDisruptionBudget(
      `${name}-disruptions`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(scope.stack, "pooler") } } },
      within(this, scope),
    );
    new HorizontalPodAutoscaler(
      `${name}-autoscaler`,
      {
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: names.pooler },
          minReplicas: min,
          maxReplicas: max,
          metrics: [
            {
              type: "ContainerResource",
              containerResource: {
                name: "cpu",
                container: "pgbouncer",
                target: { type: "Utilization", averageUtilization: cpuTarget },
              },
            },
          ],
          behavior: {
            scaleDown: { stabilizationWindowSeconds: 900, policies: [{ type: "Pods", value: 1, periodSeconds: 600 }] },
          },
        },
      },
      within(this, scope, [pods]),
    );
  }
}
