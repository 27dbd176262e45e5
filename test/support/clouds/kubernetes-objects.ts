import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import { clear, type Registration } from "../graph";

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: string[];
  readonly restartPolicy?: string;
  readonly env?: { readonly name: string; readonly value: string; readonly valueFrom?: unknown }[];
  readonly ports?: { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: { readonly name: string; readonly mountPath: string }[];
  readonly resources: Record<"requests" | "limits", Record<string, string>>;
  readonly securityContext: Record<string, unknown>;
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: string[] } } };
}

interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly items: { readonly key: string }[] };
  readonly projected?: {
    readonly sources: Record<
      string,
      { readonly name: string; readonly items: { key: string }[]; readonly optional?: boolean }
    >[];
  };
  readonly hostPath?: unknown;
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly topologySpreadConstraints?: { readonly topologyKey: string; readonly whenUnsatisfiable: string }[];
  readonly securityContext: Record<string, unknown>;
  readonly initContainers?: Container[];
  readonly containers: Container[];
  readonly volumes: Volume[];
}

/** An object as it is registered, in clear. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: Record<string, unknown>;
  readonly data?: Record<string, string>;
  readonly stringData?: Record<string, string>;
}

export const objectsOf = (registrations: readonly Registration[]): KubernetesObject[] =>
  registrations
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => clear(inputs) as KubernetesObject);

/** The template of pods inside an object, if there is one. */
export function templateOf({
  kind,
  spec,
}: KubernetesObject): { labels: Record<string, string>; spec: PodSpec } | undefined {
  const owner = kind === "CronJob" ? (spec["jobTemplate"] as { spec: Record<string, unknown> }).spec : spec;
  const template = (owner as Record<string, unknown> | undefined)?.["template"] as
    { metadata: { labels: Record<string, string> }; spec: PodSpec } | undefined;
  return template === undefined ? undefined : { labels: template.metadata.labels, spec: template.spec };
}

export const containersOf = (pod: PodSpec): Container[] => [...(pod.initContainers ?? []), ...pod.containers];

/** What a pod has beyond Kubernetes' restricted profile, or lacks of it and of our own rules. */
export function laxities(pod: PodSpec): string[] {
  const found = containersOf(pod).flatMap(({ name, securityContext: own, resources, image }) => [
    ...(own["runAsNonRoot"] === true && Number(own["runAsUser"]) >= 10_000 ? [] : [`${name} may run as root`]),
    ...(own["readOnlyRootFilesystem"] === true ? [] : [`${name} may write to its root`]),
    ...(own["allowPrivilegeEscalation"] === false ? [] : [`${name} may gain privileges`]),
    ...(JSON.stringify(own["capabilities"]) === '{"drop":["ALL"]}' ? [] : [`${name} has capabilities`]),
    ...(JSON.stringify(own["seccompProfile"]) === '{"type":"RuntimeDefault"}'
      ? []
      : [`${name} has no seccomp profile`]),
    ...(["cpu", "memory"].every((one) => one in resources.requests && one in resources.limits)
      ? []
      : [`${name} has no limits`]),
    ...(/[:@]/.test(image) && !image.endsWith(":latest") ? [] : [`${name} runs any version`]),
  ]);
  const pods = [
    ...(pod.automountServiceAccountToken ? ["the pod has a token for the API server"] : []),
    ...(pod.volumes.some(({ hostPath }) => hostPath !== undefined) ? ["the pod sees the node's disk"] : []),
    ...(["default", undefined].includes(pod.serviceAccountName) ? ["the pod runs as the default account"] : []),
  ];
  return [...pods, ...found];
}

const schemas = JSON.parse(readFileSync(join(__dirname, "kubernetes-schemas.json"), "utf8")) as {
  roots: Record<string, string>;
  definitions: Record<string, object>;
};
const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
ajv.addSchema({ $id: "api", definitions: schemas.definitions });

/** Where an object is not what the API's schema says; a field that the schema does not know is wrong, too. */
export function schemaErrors(object: KubernetesObject): string[] {
  const kind = `${object.apiVersion} ${object.kind}`;
  const root = schemas.roots[kind];
  if (root === undefined) return [`no schema of ${kind}: add it to dev/kubernetes-schemas.ts`];
  const validate = ajv.getSchema(`api#/definitions/${root.replaceAll("/", "~1").replaceAll(" ", "%20")}`)!;
  if (validate(object) === true) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${kind} ${object.metadata.name} ${instancePath}: ${message ?? ""} ${JSON.stringify(params)}`,
  );
}
