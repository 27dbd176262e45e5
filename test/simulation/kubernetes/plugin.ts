import { version } from "@pulumi/kubernetes/package.json";
import type { AnyResource, Plugin, Properties } from "../../../providers/runtime/resource";
import { sameValue } from "../../../providers/runtime/resource";
import { valueAt } from "../difference";
import { named, simulated } from "../simulated";
import type { World } from "../world";
import { clusterScoped, type Mutable, replacingOf } from "./immutable";

const object = (value: unknown): Properties =>
  typeof value === "object" && value !== null ? (value as Properties) : {};
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Kind of a token such as `kubernetes:apps/v1:Deployment`. */
const kindOf = (type: string): string => type.split(":").at(-1) ?? "";

/** Digits that the official provider ends a made-up name with. */
const digits = 8;

/** What a controller would say once all is well. */
function statusOf(kind: string, inputs: Properties): Properties | undefined {
  const replicas = valueAt(inputs, "spec.replicas") ?? 1;
  if (kind === "Deployment" || kind === "StatefulSet")
    return { availableReplicas: replicas, observedGeneration: 1, readyReplicas: replicas, replicas, updatedReplicas: replicas };
  if (kind === "Namespace") return { phase: "Active" };
  if (kind === "Service" && valueAt(inputs, "spec.type") === "LoadBalancer")
    return { loadBalancer: { ingress: [{ hostname: `${text(valueAt(inputs, "metadata.name"))}.elb.amazonaws.com` }] } };
  return undefined;
} // prettier-ignore

/** The object as the API server gives it back. */
function stored(kind: string, inputs: Properties, seed: string): Properties {
  const metadata = object(inputs["metadata"]);
  const uid = `${seed.slice(0, 8)}-${seed.slice(8, 12)}-4${seed.slice(13, 16)}-8${seed.slice(17, 20)}-${seed.slice(20, 32)}`;
  const namespace = clusterScoped.has(kind) ? {} : { namespace: metadata["namespace"] ?? "default" };
  const status = statusOf(kind, inputs);
  const byte = (at: number): number => parseInt(seed.slice(at, at + 2), 16);
  const address = `10.96.${byte(0)}.${byte(2)}`;
  const spec = kind === "Service" ? { spec: { clusterIP: address, type: "ClusterIP", ...object(inputs["spec"]) } } : {};
  return {
    ...inputs,
    ...spec,
    metadata: { creationTimestamp: "2026-11-25T12:00:00Z", generation: 1, resourceVersion: "1", ...namespace, ...metadata, uid },
    ...(status === undefined ? {} : { status }),
  }; // prettier-ignore
}

/** `namespace/name`, or the name alone. */
const idOf = (kind: string, inputs: Properties): string => {
  const name = text(valueAt(inputs, "metadata.name"));
  if (clusterScoped.has(kind)) return name;
  return `${text(valueAt(inputs, "metadata.namespace")) || "default"}/${name}`;
};

const addressOf = (inputs: Properties): unknown[] => [
  valueAt(inputs, "metadata.name"),
  valueAt(inputs, "metadata.namespace"),
];

/** What cert-manager would have made: fixed words in the place of certificates and keys. */
function issued(id: string, world: World): Properties | undefined {
  const asked = world.all("kubernetes:cert-manager.io/v1:Certificate").find(({ state }) => {
    const [namespace, name] = [valueAt(state, "metadata.namespace"), valueAt(state, "spec.secretName")].map(text);
    return `${namespace ?? ""}/${name ?? ""}` === id;
  });
  if (asked === undefined) return undefined;
  const pem = (what: string) =>
    Buffer.from(`-----BEGIN ${what}-----\nc2ltdWxhdGVk\n-----END ${what}-----\n`).toString("base64");
  const [namespace, name] = id.split("/");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "kubernetes.io/tls",
    data: { "ca.crt": pem("CERTIFICATE"), "tls.crt": pem("CERTIFICATE"), "tls.key": pem("EC PRIVATE KEY") },
  };
}

function objectResource(type: string, mutable: Mutable, world: World): AnyResource {
  const made = describedObject(type, mutable, world);
  if (kindOf(type) !== "Secret") return made;
  return { ...made, read: async (old, context) => (await made.read(old, context)) ?? issued(old.id, world) };
}

function describedObject(type: string, mutable: Mutable, world: World): AnyResource {
  const kind = kindOf(type);
  const place = "cluster";
  return simulated(
    {
      type,
      replacing: replacingOf(kind, mutable),
      // Two objects of one name cannot be: the old one goes first, unless the name was made up.
      deleteBeforeReplace: (old, news) => sameValue(addressOf(old.inputs), addressOf(news)),
      place: () => place,
      complete: (news, naming) => {
        const old = { ...naming, old: object(naming.old["metadata"]) };
        return { ...news, metadata: named(object(news["metadata"]), old, { property: "name", digits }) };
      },
      make: (inputs, seed) => ({ id: idOf(kind, inputs), state: stored(kind, inputs, seed) }),
      refusal: (inputs) => {
        const namespace = text(valueAt(inputs, "metadata.namespace")) || "default";
        const known = ["default", "kube-system", "kube-public"].includes(namespace) || clusterScoped.has(kind);
        const key = { type: "kubernetes:core/v1:Namespace", id: namespace, place };
        // Namespaces that others made are named in the world's environment.
        const given = (process.env["HOWDAH_SIMULATION_NAMESPACES"] ?? "").split(",");
        if (known || given.includes(namespace) || world.get(key) !== undefined) return undefined;
        return `namespaces "${namespace}" not found`;
      },
    },
    () => world,
  );
}

/** A double of the official `kubernetes` plugin for tests: it takes every object as it is, and reaches nothing. */
export function kubernetesPlugin(world: World): Plugin {
  let mutable: Mutable = { ConfigMap: false, Secret: false };
  const known = new Map<string, AnyResource>();
  const resourceOf = (type: string): AnyResource | undefined => {
    if (!/^kubernetes:[\w.-]+\/v\w+:[A-Z]\w+$/.test(type)) return undefined;
    const found = known.get(type) ?? objectResource(type, mutable, world);
    known.set(type, found);
    return found;
  };
  const isOn = (value: unknown): boolean => value === true || value === "true";
  return {
    name: "kubernetes",
    version,
    previews: true,
    // Any type: custom resources have types of their own.
    resources: new Proxy<Record<string, AnyResource>>({}, { get: (_none, type) => resourceOf(String(type)) }),
    configure: (config) => {
      mutable = { ConfigMap: isOn(config["enableConfigMapMutable"]), Secret: isOn(config["enableSecretMutable"]) };
      known.clear();
      return Promise.resolve();
    },
  };
}
