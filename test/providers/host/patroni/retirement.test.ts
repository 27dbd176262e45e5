import { retire } from "../../../../providers/host/patroni/retirement";
import type { Operation } from "../../../../providers/host/patroni/rolling-restart";
import { FakeCluster } from "../../../support/fake-cluster";
import { listener } from "../../plugin/stage";

/** What happened, in order. */
let steps: string[];
let cluster: FakeCluster;

beforeEach(() => {
  steps = [];
  cluster = new FakeCluster(steps, ["node1", "node2", "node3"]);
});

const operation = (): Operation => ({ cluster, pooler: undefined, router: undefined, context: listener().context });
const leave = (staying: string[], awaitStaying = (): Promise<unknown> => Promise.resolve()): Promise<void> =>
  retire(operation(), {
    staying,
    awaitStaying: () => {
      steps.push("those that stay are healthy?");
      return awaitStaying();
    },
    stop: (member) => {
      steps.push(`stop ${member}`);
      return Promise.resolve();
    },
  });

test("a replica is stopped once those that stay are healthy", async () => {
  await leave(["node1", "node2"]);
  expect(steps).toEqual(["those that stay are healthy?", "stop node3"]);
});

test("a leader hands over to one that stays before it is stopped", async () => {
  await leave(["node2"]);
  expect(steps).toEqual(["switchover node1 to node2", "those that stay are healthy?", "stop node1", "stop node3"]);
});

test("nobody is stopped while those that stay are not healthy", async () => {
  await expect(leave(["node1"], () => Promise.reject(new Error("not healthy")))).rejects.toThrow("not healthy");
  expect(steps).toEqual(["those that stay are healthy?"]);
});

test("where everybody stays, nobody is touched, and one more member is no matter", async () => {
  await leave(["node1", "node2", "node3", "node4"]);
  expect(steps).toEqual(["those that stay are healthy?"]);
});
