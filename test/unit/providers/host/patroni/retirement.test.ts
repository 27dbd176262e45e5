import { retire } from "../../../../../providers/host/patroni/retirement";
import type { Operation } from "../../../../../providers/host/patroni/rolling-restart";
import { FakeCluster } from "../../../../support/fake-cluster";
import { listener } from "../../../../support/plugins/stage";

/** What happened, in order. */
let steps: string[];
let cluster: FakeCluster;

beforeEach(() => {
  steps = [];
  cluster = new FakeCluster(steps, ["node1", "node2", "node3"]);
});

const healthy = "those that stay are healthy?";
const operation = (): Operation => ({ cluster, pooler: undefined, router: undefined, context: listener().context });
const leave = (staying: string[], awaitStaying = (): Promise<unknown> => Promise.resolve()): Promise<void> =>
  retire(operation(), {
    staying,
    awaitStaying: () => {
      steps.push(healthy);
      return awaitStaying();
    },
    stop: (member) => {
      steps.push(`stop ${member}`);
      // Patroni names the next one.
      if (cluster.standby === member) cluster.standby = "node2";
      return Promise.resolve();
    },
  });

test("a replica is stopped once those that stay are healthy", async () => {
  await leave(["node1", "node2"]);
  expect(steps).toEqual([healthy, "stop node3"]);
});

test("a leader hands over to one that stays before it is stopped", async () => {
  await leave(["node2"]);
  expect(steps).toEqual([healthy, "stop node3", "switchover node1 to node2", healthy, "stop node1"]);
});

test("a leader can hand over although the synchronous standby leaves as well", async () => {
  cluster.synchronous = true;
  await leave(["node2"]);
  expect(steps).toContain("switchover node1 to node2");
});

test("no member is stopped while those that stay are not healthy", async () => {
  await expect(leave(["node1"], () => Promise.reject(new Error("not healthy")))).rejects.toThrow("not healthy");
  expect(steps).toEqual([healthy]);
});

test("if all members stay, none is touched, and one more member does not matter", async () => {
  await leave(["node1", "node2", "node3", "node4"]);
  expect(steps).toEqual([healthy]);
});
