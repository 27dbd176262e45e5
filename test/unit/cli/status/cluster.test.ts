import { isHealthy, nodeHealth, type Member } from "../../../../cli/status/cluster";

const nodes = [1, 2, 3].map((n) => ({ name: `node-${n}`, host: "127.0.0.1", port: 6410 + n }));
const members: Member[] = [
  { name: "node-1", role: "leader", state: "running" },
  { name: "node-2", role: "sync_standby", state: "streaming", lag: 0 },
  { name: "node-3", role: "replica", state: "streaming", lag: 4096 },
];

describe("health of the nodes", () => {
  test("shows role, lag and whom commits wait for", () => {
    expect(nodeHealth(nodes, members)).toMatchObject([
      { role: "primary", sync: false, healthy: true },
      { role: "replica", sync: true, lag: 0 },
      { role: "replica", sync: false, lag: 4096 },
    ]);
    expect(isHealthy(nodeHealth(nodes, members))).toBe(true);
  });

  test.each<[string, Member[]]>([
    ["a member is missing", members.slice(0, 2)],
    ["a member starts", members.with(2, { name: "node-3", role: "replica", state: "starting", lag: "unknown" })],
    ["nobody leads", members.with(0, { name: "node-1", role: "replica", state: "running" })],
    ["nobody answers", []],
  ])("is bad when %s", (_, present) => {
    expect(isHealthy(nodeHealth(nodes, present))).toBe(false);
  });

  test("shows no lag when Patroni does not know it", () => {
    const [node] = nodeHealth(nodes.slice(0, 1), [
      { name: "node-1", role: "replica", state: "stopped", lag: "unknown" },
    ]);
    expect(node).not.toHaveProperty("lag");
  });
});
