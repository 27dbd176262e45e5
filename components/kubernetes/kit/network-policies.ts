import type { networking } from "@pulumi/kubernetes/types/input";
import type { NetworkSettings } from "../../network/schema";
import { ports } from "./image";
import { type ComponentName, selectorOf } from "./names";
import type { KubernetesSettings } from "../schema";

type Spec = networking.v1.NetworkPolicySpec;
type Ingress = networking.v1.NetworkPolicyIngressRule;
type Egress = networking.v1.NetworkPolicyEgressRule;

export interface NetworkInput {
  readonly stack: string;
  readonly allow: NetworkSettings["allow"];
  readonly settings: Pick<KubernetesSettings, "clients" | "prometheusNamespace">;
  /** Ports of the database servers. */
  readonly serverPorts: readonly number[];
  /** CIDRs that the servers are in, where they are known. */
  readonly serverRanges?: readonly string[];
}

const tcp = (...numbers: number[]): networking.v1.NetworkPolicyPort[] =>
  numbers.map((port) => ({ port, protocol: "TCP" }));

/** Wherever the cluster's resolver is: a pod, or a cache on the node. */
const dns: Egress = { ports: [...tcp(53), { port: 53, protocol: "UDP" }] };

/** Names of the servers lead to addresses that change with every failover: by their network, where it is known, and port. */
function toServers({ serverPorts, serverRanges }: NetworkInput): Egress[] {
  const numbers = tcp(...[...new Set(serverPorts)].sort((a, b) => a - b));
  if (serverRanges === undefined) return [{ ports: numbers }];
  // An empty list would let them out to everywhere.
  return serverRanges.length === 0 ? [] : [{ to: serverRanges.map((cidr) => ({ ipBlock: { cidr } })), ports: numbers }];
}

/** Storage, tokens and webhooks of a cloud. */
const toCloud: Egress = { ports: tcp(443) };

/** Where EKS Pod Identity hands out credentials: an address of the node's own, which leads nowhere else. */
const toPodIdentity: Egress = {
  to: ["169.254.170.23/32", "fd00:ec2::23/128"].map((cidr) => ({ ipBlock: { cidr } })),
  ports: tcp(80),
};

const pooler = tcp(ports.pooler);

const inNamespace = (name: string) => ({ matchLabels: { "kubernetes.io/metadata.name": name } });

const scraping = (namespace: string): Ingress => ({
  from: [{ namespaceSelector: inNamespace(namespace) }],
  ports: tcp(ports.metrics),
});

/** Pods of a component, in the namespace of the policy. */
const podsOf = (stack: string, component: ComponentName) => ({
  podSelector: { matchLabels: selectorOf(stack, component) },
});

/** The collector is one of them: it probes what applications use. */
function fromClients({ stack, allow, settings }: NetworkInput): Ingress {
  const from = [
    podsOf(stack, "collector"),
    ...settings.clients.map(({ namespace, podLabels }) => ({
      namespaceSelector: inNamespace(namespace),
      podSelector: { matchLabels: podLabels },
    })),
    ...allow.map(({ cidr }) => ({ ipBlock: { cidr } })),
  ];
  return { from, ports: pooler };
}

/** Pods of the namespace may do nothing that no other policy allows. */
export const denyAll: Spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };

/** What the pods of each component may do, over the network. */
export function networkPolicies(input: NetworkInput): Readonly<Record<ComponentName, Spec>> {
  const prometheus = input.settings.prometheusNamespace;
  const policy = (component: ComponentName, ingress: Ingress[], egress: Egress[]): Spec => ({
    podSelector: { matchLabels: selectorOf(input.stack, component) },
    policyTypes: ["Ingress", "Egress"],
    ingress,
    egress: [dns, ...egress],
  });
  const servers = toServers(input);
  const services = [toCloud, toPodIdentity];
  const toPoolers = { to: [podsOf(input.stack, "pooler")], ports: pooler };
  return {
    pooler: policy("pooler", [fromClients(input), scraping(prometheus)], servers),
    // It reads servers, and what dumps and drills have left in their store, and probes the poolers.
    collector: policy("collector", [scraping(prometheus)], [...servers, toPoolers, ...services]),
    dump: policy("dump", [], [...servers, ...services]),
    // What it runs comes out of dumps, and it logs in nowhere.
    drill: policy("drill", [], services),
    maintenance: policy("maintenance", [], [...servers, ...services]),
  };
}
