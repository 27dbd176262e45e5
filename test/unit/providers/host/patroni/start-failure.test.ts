import { StartFailure, whileServersStart } from "../../../../../providers/host/patroni/start-failure";
import type { Operation } from "../../../../../providers/host/patroni/rolling-restart";
import { waitFor } from "../../../../../lib/retry";
import { FakeCluster } from "../../../../support/fake-cluster";
import { listener } from "../../../../support/plugins/stage";

const policy = { attempts: 3, pause: 1 };

/** A cluster in which one member shows these states in turn, the last one forever. */
function clusterWith(member: string, ...states: string[]): FakeCluster {
  const cluster = new FakeCluster([], ["node1", "node2"]);
  const look = cluster.view.bind(cluster);
  cluster.view = async () => {
    const state = (states.length > 1 ? states.shift() : states[0]) ?? "";
    return (await look()).map((one) => (one.name === member ? { ...one, state } : one));
  };
  return cluster;
}

const operation = (cluster: FakeCluster, signal?: AbortSignal): Operation => {
  const { context } = listener(signal);
  return { cluster, pooler: undefined, router: undefined, context };
};

/** Waits as the work of an update does: until something holds, or the context ends it. */
const forEver = ({ context }: Operation): Promise<undefined> =>
  waitFor(() => Promise.resolve(undefined), { timeout: 50_000, interval: 1, signal: context.signal });

test("work that waits for a server which does not start ends with its name", async () => {
  const waiting = whileServersStart(operation(clusterWith("node2", "start failed")), forEver, policy);
  await expect(waiting).rejects.toThrow("the server of node2 does not start");
  await expect(waiting).rejects.toBeInstanceOf(StartFailure);
});

test("a server that starts at the second or third time is no failure", async () => {
  const cluster = clusterWith("node2", "start failed", "starting", "start failed", "streaming");
  const work = async (watched: Operation): Promise<string> => {
    await waitFor(async () => ((await cluster.view()).some(({ state }) => state === "streaming") ? true : undefined), {
      timeout: 50_000,
      interval: 5,
      signal: watched.context.signal,
    });
    return "done";
  };
  await expect(whileServersStart(operation(cluster), work, { ...policy, attempts: 5 })).resolves.toBe("done");
});

test("a member that has left the cluster is not waited for", async () => {
  const cluster = clusterWith("node2", "streaming");
  cluster.strangers = ["node9"];
  const look = cluster.view.bind(cluster);
  let attempts = 0;
  cluster.view = async () => {
    attempts++;
    return (await look()).map((one) => (one.name === "node9" ? { ...one, state: "start failed" } : one));
  };
  const work = ({ context }: Operation): Promise<true | undefined> =>
    waitFor(() => Promise.resolve(attempts > 6 ? true : undefined), {
      timeout: 50_000,
      interval: 1,
      signal: context.signal,
    });
  await expect(whileServersStart(operation(cluster), work, policy)).resolves.toBe(true);
});

test("an error of the work names the server that does not start, and is kept as the cause", async () => {
  const refused = new Error("/restart of node2 answered 503: restart failed");
  const failing = whileServersStart(
    operation(clusterWith("node2", "start failed")),
    () => Promise.reject(refused),
    policy,
  );
  await expect(failing).rejects.toMatchObject({ member: "node2", cause: refused });
});

test("control: an error while all servers run is that error", async () => {
  const other = new Error("the router does not answer");
  const failing = whileServersStart(operation(new FakeCluster([], ["node1"])), () => Promise.reject(other), policy);
  await expect(failing).rejects.toBe(other);
});

test("who cancels is obeyed", async () => {
  const leaving = new AbortController();
  const cluster = new FakeCluster([], ["node1"]);
  const waiting = whileServersStart(operation(cluster, leaving.signal), forEver, policy);
  leaving.abort(new Error("cancelled"));
  await expect(waiting).rejects.toThrow("cancelled");
});
