import * as pulumi from "@pulumi/pulumi";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import { Component } from "../component";
import type { Server, ServerNode } from "../ports/server";
import { monitoringLogin } from "../postgres/access/matrix";
import { publicHash } from "../public-hash";
import { paths, ports } from "./kit/image";
import { monitor, serverLabel } from "./kit/monitors";
import { labelsOf, names, selectorOf } from "./kit/names";
import { metadataOf, type KubeScope, within } from "./kit/scope";
import { configuration, container, pod } from "./kit/pods";
import type { KubernetesSettings } from "./schema";

export interface ExportersArgs {
  readonly scope: KubeScope;
  readonly server: Server;
  readonly settings: KubernetesSettings;
  /** One that the monitoring login may enter. */
  readonly database: string;
  readonly password: pulumi.Output<string>;
  /** What has to exist before the login works, and the objects that hold its password and the authorities. */
  readonly needs: readonly pulumi.Resource[];
}

const component = "postgres-exporter";

const configFiles = configuration([
  { configMap: names.authorities, items: { "server-authorities.pem": paths.authorities } },
  { secret: names.monitoring, items: { password: paths.monitoringPassword } },
]);

/** The exporter of one server. */
function exporterPod(node: ServerNode, { settings, database }: ExportersArgs): core.v1.PodSpec {
  const options = `sslmode=verify-full&sslrootcert=${paths.authorities}&application_name=postgres_exporter`;
  return pod({
    serviceAccountName: component,
    containers: [
      container({
        name: "exporter",
        image: settings.exporters.postgres,
        args: [
          `--web.listen-address=:${ports.postgresMetrics}`,
          "--collector.long_running_transactions",
          "--collector.postmaster",
          // The directory of the WAL is the service's: reading it is refused, and would fail every scrape.
          "--no-collector.wal",
        ],
        env: [
          {
            name: "DATA_SOURCE_URI",
            value: pulumi.interpolate`${node.host}:${node.port}/${database}?${options}`,
          },
          { name: "DATA_SOURCE_USER", value: monitoringLogin },
          { name: "DATA_SOURCE_PASS_FILE", value: paths.monitoringPassword },
        ],
        ports: [{ name: "metrics", containerPort: ports.postgresMetrics }],
        size: { cpu: [20, 500], memory: [48, 128] },
        volumeMounts: [configFiles.mount],
        readinessProbe: { httpGet: { path: "/", port: "metrics" }, periodSeconds: 15, timeoutSeconds: 5 },
        livenessProbe: { tcpSocket: { port: "metrics" }, periodSeconds: 30, timeoutSeconds: 5 },
      }),
    ],
    volumes: [configFiles.volume],
  });
}

/** A postgres exporter for each server: if one is down, the others' metrics remain. */
export class Exporters extends Component {
  constructor(
    name: string,
    private readonly args: ExportersArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:kubernetes:Exporters", name, options);
    const { scope, server, settings } = args;
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: metadataOf(scope, component, component), automountServiceAccountToken: false },
      within(this, scope),
    );
    for (const node of server.nodes) this.exporter(`${name}-${node.name}`, node, account);
    monitor(`${name}-monitor`, { scope, component, labels: settings.monitorLabels }, this);
    this.registerOutputs({});
  }

  private exporter(name: string, node: ServerNode, account: ServiceAccount): void {
    const { scope, password, needs } = this.args;
    const own = { [serverLabel]: node.name };
    new Deployment(
      name,
      {
        metadata: metadataOf(scope, `${component}-${node.name}`, component),
        spec: {
          // A second one would double every series.
          replicas: 1,
          selector: { matchLabels: { ...selectorOf(scope.stack, component), ...own } },
          template: {
            metadata: {
              labels: { ...labelsOf(scope.stack, component), ...own },
              // The exporter reads the password once.
              annotations: { "howdah.io/password-checksum": publicHash(password) },
            },
            spec: exporterPod(node, this.args),
          },
        },
      },
      within(this, scope, [account, ...needs]),
    );
  }
}
