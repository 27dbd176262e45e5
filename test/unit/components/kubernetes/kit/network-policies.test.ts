import { networkPolicies, type NetworkInput } from "../../../../../components/kubernetes/kit/network-policies";
import { clusterSettings } from "../../../../support/clouds/fake-cloud";

const input = (change: Partial<NetworkInput> = {}): NetworkInput => ({
  stack: "test",
  allow: [{ cidr: "10.10.0.0/16", reason: "the network" }],
  settings: clusterSettings({ clients: [{ namespace: "shop", podLabels: { app: "web" } }] }),
  serverPorts: [5432, 5432, 5433],
  ...change,
});

/** Pods of a component of the stack. */
const pods = (component: string) => ({
  podSelector: {
    matchLabels: {
      "app.kubernetes.io/name": "howdah",
      "app.kubernetes.io/instance": "test",
      "app.kubernetes.io/component": component,
    },
  },
});

test("PgBouncer is reached from the pods and address ranges that the settings name, by the collector, and by no one else", () => {
  const { pooler } = networkPolicies(input());
  expect(pooler.ingress).toEqual([
    {
      from: [
        pods("collector"),
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
          podSelector: { matchLabels: { app: "web" } },
        },
        { ipBlock: { cidr: "10.10.0.0/16" } },
      ],
      ports: [{ port: 6432, protocol: "TCP" }],
    },
    {
      from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
      ports: [{ port: 9188, protocol: "TCP" }],
    },
  ]);
});

test("the collector reaches the pods of PgBouncer, where clients do, and no others", () => {
  const within = networkPolicies(input()).collector.egress as { to?: object[]; ports: object[] }[];
  expect(within.filter(({ to }) => JSON.stringify(to ?? "").includes("podSelector"))).toEqual([
    { to: [pods("pooler")], ports: [{ port: 6432, protocol: "TCP" }] },
  ]);
});

test("PgBouncer may ask for names, and reach the servers' ports", () => {
  expect(networkPolicies(input()).pooler.egress).toEqual([
    {
      ports: [
        { port: 53, protocol: "TCP" },
        { port: 53, protocol: "UDP" },
      ],
    },
    {
      ports: [
        { port: 5432, protocol: "TCP" },
        { port: 5433, protocol: "TCP" },
      ],
    },
  ]);
});

test("the collector is reached by Prometheus alone", () => {
  expect(networkPolicies(input()).collector.ingress).toEqual([
    {
      from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
      ports: [{ port: 9188, protocol: "TCP" }],
    },
  ]);
});

const jobs = ["dump", "drill", "maintenance"] as const;
const portsOf = (egress: unknown): number[][] =>
  (egress as { ports: { port: number }[] }[]).map(({ ports }) => ports.map(({ port }) => port));

test("no pod connects to a job", () => {
  const policies = networkPolicies(input());
  for (const job of jobs) expect(policies[job].ingress).toEqual([]);
});

test("what logs in reaches servers and the cloud; what runs dumps reaches the cloud alone", () => {
  const policies = networkPolicies(input());
  const cloud = [[443], [80]];
  const servers = [5432, 5433];
  for (const job of ["dump", "maintenance"] as const)
    expect(portsOf(policies[job].egress)).toEqual([[53, 53], servers, ...cloud]);
  expect(portsOf(policies.collector.egress)).toEqual([[53, 53], servers, [6432], ...cloud]);
  expect(portsOf(policies.drill.egress)).toEqual([[53, 53], ...cloud]);
});

test("each job has pods of its own label", () => {
  const policies = networkPolicies(input());
  expect(new Set(Object.values(policies).map(({ podSelector }) => JSON.stringify(podSelector))).size).toBe(5);
});

test("servers are reached in their network only, where that is known; no range means no way, not every way", () => {
  const towards = (serverRanges: string[]) =>
    Object.values(networkPolicies(input({ serverRanges })))
      .flatMap(({ egress }) => egress as { to?: unknown; ports: { port: number }[] }[])
      .filter(({ ports }) => ports.some(({ port }) => port === 5432));
  const known = towards(["10.20.0.0/16", "fd00::/64"]);
  expect(known).toHaveLength(4);
  for (const { to } of known)
    expect(to).toEqual([{ ipBlock: { cidr: "10.20.0.0/16" } }, { ipBlock: { cidr: "fd00::/64" } }]);
  expect(towards([])).toEqual([]);
});

test.each([
  ["with clients", input()],
  ["with none", input({ allow: [], settings: clusterSettings() })],
])("no rule has an empty list of sources, which would mean everybody: %s", (_, given) => {
  const rules = Object.values(networkPolicies(given)).flatMap((spec) => spec.ingress as { from: unknown[] }[]);
  expect(rules.length).toBeGreaterThan(0);
  expect(rules.filter(({ from }) => from.length === 0)).toEqual([]);
});
