import { networkPolicies, type NetworkInput } from "../../../../components/platforms/kubernetes/network-policies";
import { clusterSettings } from "./fake-cloud";

const input = (change: Partial<NetworkInput> = {}): NetworkInput => ({
  stack: "test",
  allow: [{ cidr: "10.10.0.0/16", reason: "the network" }],
  settings: clusterSettings({ clients: [{ namespace: "shop", podLabels: { app: "web" } }] }),
  serverPorts: [5432, 5432, 5433],
  ...change,
});

test("clients reach PgBouncer from the pods and address ranges that the settings name, and from nowhere else", () => {
  const { pooler } = networkPolicies(input());
  expect(pooler.ingress).toEqual([
    {
      from: [
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
      ports: [{ port: 9127, protocol: "TCP" }],
    },
  ]);
});

test("PgBouncer and the exporters may ask for names, and reach the servers' ports", () => {
  const policies = networkPolicies(input());
  for (const component of ["pooler", "postgres-exporter"] as const)
    expect(policies[component].egress).toEqual([
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

test("nobody connects to a job", () => {
  expect(networkPolicies(input()).job.ingress).toEqual([]);
});

test.each([
  ["with clients", input()],
  ["with none", input({ allow: [], settings: clusterSettings() })],
])("no rule has an empty list of sources, which would mean everybody: %s", (_, given) => {
  const rules = Object.values(networkPolicies(given)).flatMap((spec) => spec.ingress as { from: unknown[] }[]);
  expect(rules.length).toBeGreaterThan(0);
  expect(rules.filter(({ from }) => from.length === 0)).toEqual([]);
});
