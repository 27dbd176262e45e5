import { Provider } from "@pulumi/kubernetes";
import { ConfigMap, Namespace, Secret } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Cloud, PlatformInput, Logins, Pooler, Workloads } from "../ports";
import { monitoringLogin, probeLogin } from "../postgres/access/matrix";
import { Certificates } from "./pooler/certificates";
import { ports } from "./kit/image";
import { Jobs } from "./jobs/jobs";
import { loginSecretOf } from "./kit/secrets";
import { type ComponentName, labelsOf, names } from "./kit/names";
import { denyAll, networkPolicies } from "./kit/network-policies";
import { metadataOf, type KubeScope, within } from "./kit/scope";
import { MetricsCertificates } from "./monitoring/certificates";
import { Collector } from "./monitoring/collector";
import { clientAuthorityFile, KubernetesPooler } from "./pooler/pooler";
import type { KubernetesSettings } from "./schema";

export interface KubernetesWorkloadsArgs {
  readonly input: PlatformInput;
  readonly settings: KubernetesSettings;
}

/** Pods of the namespace have to keep to the strictest of Kubernetes' profiles. */
const podSecurity = Object.fromEntries(
  ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
);

const withoutProbe =
  "howdah:postgres.parameters.max_connections has no room for the availability probe: its alerts are left out";

/** What runs on a Kubernetes cluster next to a cloud's database: PgBouncer, a collector of metrics and jobs, in a namespace of their own. */
export class KubernetesWorkloads extends Component implements Workloads {
  private readonly scope: KubeScope;
  private shared?: readonly pulumi.Resource[];

  constructor(
    private readonly name: string,
    private readonly args: KubernetesWorkloadsArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:kubernetes:Workloads", name, options);
    const { input, settings } = args;
    const { context, namespace } = settings;
    const { stack } = input;
    // Mutable: a changed file reaches the pods in place, and PgBouncer reads it by a RELOAD.
    const provider = new Provider(
      `${name}-cluster`,
      { context, enableServerSideApply: true, enableConfigMapMutable: true, enableSecretMutable: true },
      { parent: this },
    );
    const made = new Namespace(
      `${name}-namespace`,
      { metadata: { name: namespace, labels: { ...labelsOf(stack), ...podSecurity } } },
      { parent: this, provider },
    );
    const scope = { stack, namespace, provider, ready: [made] };
    const closed = new NetworkPolicy(
      `${name}-deny-all`,
      { metadata: metadataOf(scope, "deny-all"), spec: denyAll },
      within(this, scope),
    );
    this.scope = { ...scope, ready: [made, closed] };
    this.registerOutputs({});
  }

  pooler(cloud: Cloud, logins: Logins): Pooler {
    const { name, scope } = this;
    const { input, settings } = this.args;
    const below = { parent: this };
    const shared = this.forAll(cloud);
    const metrics = new MetricsCertificates(`${name}-metrics`, { scope }, below);
    const certificates = new Certificates(`${name}-certificates`, { scope, issuer: settings.issuer }, below);
    const endpoint = { host: `${names.pooler}.${scope.namespace}.svc`, port: ports.pooler };
    const monitoring = this.loginSecret("monitoring", monitoringLogin, logins);
    const measured = [...shared, monitoring, ...metrics.ready, ...logins.ready];
    const needs = [...measured, ...certificates.ready, ...cloud.prepare(logins, endpoint)];
    const pooler = new KubernetesPooler(`${name}-pooler`, { scope, input, settings, cloud, logins, needs }, below);
    // Not before the poolers: their first start would look like a failure.
    const probed = input.budget.hasProbe ? [pooler.service, this.loginSecret("probe", probeLogin, logins)] : [];
    if (probed.length === 0) void pulumi.log.warn(withoutProbe, this);
    new Collector(
      `${name}-collector`,
      { scope, input, settings, cloud, pooler: endpoint, needs: [...measured, ...probed] },
      below,
    );
    return {
      endpoint,
      caFile: clientAuthorityFile,
      ...(certificates.authority === undefined ? {} : { authority: certificates.authority }),
      ready: [pooler.service],
    };
  }

  jobs(cloud: Cloud, logins: Logins): pulumi.Output<string> {
    const { input, settings } = this.args;
    const { scope, name } = this;
    const needs = [...this.forAll(cloud), ...logins.ready];
    return new Jobs(`${name}-jobs`, { scope, input, settings, cloud, logins, needs }, { parent: this }).key;
  }

  /** What pooler and jobs both need, made once. */
  private forAll(cloud: Cloud): readonly pulumi.Resource[] {
    this.shared ??= [...this.networkPolicies(cloud), this.authorities(cloud)];
    return this.shared;
  }

  private networkPolicies({ server, readTargets, serverRanges }: Cloud): NetworkPolicy[] {
    const { scope, name } = this;
    const { input, settings } = this.args;
    const serverPorts = [server.readWrite, ...server.nodes, ...readTargets].map(({ port }) => port);
    const ranges = serverRanges === undefined ? {} : { serverRanges };
    const { allow } = input.network;
    const specs = networkPolicies({ stack: scope.stack, allow, settings, serverPorts, ...ranges });
    return Object.entries(specs).map(
      ([component, spec]) =>
        new NetworkPolicy(
          `${name}-network-${component}`,
          { metadata: metadataOf(scope, component, component as ComponentName), spec },
          within(this, scope),
        ),
    );
  }

  private authorities({ authorities }: Cloud): ConfigMap {
    return new ConfigMap(
      `${this.name}-authorities`,
      { metadata: metadataOf(this.scope, names.authorities), data: { "server-authorities.pem": authorities } },
      within(this, this.scope),
    );
  }

  private loginSecret(name: "monitoring" | "probe", login: string, logins: Logins): Secret {
    const password = loginSecretOf(logins.passwords, login);
    return new Secret(
      `${this.name}-${name}`,
      {
        metadata: metadataOf(this.scope, names[name]),
        type: "Opaque",
        stringData: { password },
      },
      within(this, this.scope),
    );
  }
}
