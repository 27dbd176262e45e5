import { handOver, type Operation, rollingRestart } from "../../../../../providers/host/patroni/rolling-restart";
import * as console from "../../../../../providers/host/routing/pooler-console";
import type { Router } from "../../../../../providers/host/routing/router";
import { FakeCluster, type Reason } from "../../../../support/fake-cluster";
import { runtimeSocket, type RuntimeSocket, statistics } from "../../../../support/servers/routing/runtime-socket";
import { listener } from "../../../../support/plugins/stage";

jest.mock("../../../../../providers/host/routing/pooler-console");

/** What happened, in order. */
let steps: string[];

const changed = (from: number, to: number): Reason => ({
  max_connections: { old_value: String(from), new_value: String(to) },
});

const cluster = (size: number, pending: Record<string, Reason> = {}): FakeCluster => {
  const names = Array.from({ length: size }, (_, at) => `node${at + 1}`);
  return new FakeCluster(steps, names, pending);
};

const pooler = { socketDirectory: "/run", port: 6432, readOnlyPort: 6434 };
const databases = [
  { name: "app", port: 6433, database: "app", paused: false },
  { name: "app_ro", port: 6434, database: "app", paused: false },
];

beforeEach(() => {
  steps = [];
  router = undefined;
  jest.mocked(console.whilePaused).mockImplementation(async (_pooler, work, chosen = () => true) => {
    const held = databases.filter(chosen).map(({ name }) => name);
    steps.push(`pause ${held.join(" ")}`);
    try {
      return await work();
    } finally {
      steps.push(`resume ${held.join(" ")}`);
    }
  });
});

let router: Router | undefined;
let sockets: RuntimeSocket[] = [];

/** Has an HAProxy in front of the cluster that answers so. */
async function haproxy(answer: (command: string) => string): Promise<RuntimeSocket> {
  const socket = await runtimeSocket(answer);
  sockets.push(socket);
  router = { socket: socket.path, backend: "primary", readBackend: "replicas" };
  return socket;
}

// Also of a test that failed: jest would wait forever for a socket that is open.
afterEach(async () => {
  await Promise.all(sockets.map((socket) => socket.stop()));
  sockets = [];
});

const operation = (of: FakeCluster): Operation => {
  const { context } = listener();
  return { cluster: of, pooler, router, context };
};
const restarted = async (of: FakeCluster): Promise<string[]> => {
  await rollingRestart(operation(of));
  expect([...of.pending.keys()]).toEqual([]);
  return steps;
};

const withoutReads = ["pause app_ro", "resume app_ro"];
const replica = (name: string): string[] => [...withoutReads, `restart ${name}`];

test("where nothing is pending, nothing is done", async () => {
  expect(await restarted(cluster(3))).toEqual([]);
});

test("replicas come first, then the primary hands over to the synchronous one and follows", async () => {
  const some = cluster(3, { node1: {}, node2: {}, node3: {} });
  expect(await restarted(some)).toEqual([
    ...replica("node2"),
    ...replica("node3"),
    ...withoutReads,
    "pause app",
    "switchover node1 to node3",
    "resume app",
    ...replica("node1"),
  ]);
});

test("only what is pending is restarted, and a primary that is not keeps its place", async () => {
  expect(await restarted(cluster(3, { node2: {} }))).toEqual(replica("node2"));
});

test("one that is no member any more is left alone", async () => {
  const some = cluster(2, { node1: {}, node2: {}, node3: {} });
  some.strangers = ["node3"];
  await rollingRestart(operation(some));
  expect(steps.filter((step) => step.startsWith("restart"))).toEqual(["restart node2", "restart node1"]);
});

test("a replica that HAProxy does not know is restarted all the same", async () => {
  const socket = await haproxy((command) =>
    command.startsWith("set server") ? "No such server.\n" : statistics("primary", { node1: "UP" }),
  );
  expect(await restarted(cluster(2, { node2: {} }))).toEqual(replica("node2"));
  expect(socket.commands).toContain("set server replicas/node2 state drain");
});

test("a value that replicas may not undercut is lowered on the primary first, where it is", async () => {
  const lower = changed(200, 100);
  const some = cluster(2, { node1: lower, node2: lower });
  expect(await restarted(some)).toEqual([
    "pause app app_ro",
    "restart node1",
    "resume app app_ro",
    ...replica("node2"),
  ]);
});

test("replicas are restarted once they have replayed the lowered value, and not before", async () => {
  const lower = changed(200, 100);
  const some = cluster(2, { node1: lower, node2: lower });
  let looks = 0;
  some.follows = () => {
    steps.push("replaying");
    return ++looks === 2;
  };
  expect((await restarted(some)).slice(2)).toEqual([
    "resume app app_ro",
    "replaying",
    "replaying",
    ...replica("node2"),
  ]);
});

test("a value that is raised goes the usual way: replicas first", async () => {
  const higher = changed(100, 200);
  expect((await restarted(cluster(2, { node1: higher, node2: higher })))[2]).toBe("restart node2");
});

test("a primary alone is restarted where it is, while its clients wait", async () => {
  expect(await restarted(cluster(1, { node1: {} }))).toEqual([
    "pause app app_ro",
    "restart node1",
    "resume app app_ro",
  ]);
});

test("a switchover that is refused again and again is an error, and the clients go on", async () => {
  const some = cluster(3);
  some.refusal = "/switchover of node1 answered 412";
  await expect(handOver(operation(some), ["node2", "node3"])).rejects.toThrow("answered 412");
  expect(steps).toEqual([...withoutReads, "pause app", ...Array<string>(3).fill("refused"), "resume app"]);
});

test("a switchover that is refused once is asked for again", async () => {
  const some = cluster(3);
  some.refusal = "/switchover of node1 answered 412";
  some.refusals = 1;
  await handOver(operation(some), ["node3"]);
  expect(some.leader).toBe("node3");
});

test("a switchover goes on where the old leader does not lead any more, whatever Patroni answered", async () => {
  const some = cluster(3);
  some.refusal = "/switchover of node1 answered 503: Switchover status unknown";
  let looks = 0;
  // Longer than three requests would take.
  some.leads = (name) => Promise.resolve(name === "node3" && ++looks > 40);
  await handOver(operation(some), ["node3"]);
  expect(steps.filter((step) => step === "refused")).toHaveLength(1);
});

test("a member that is in the middle of something else is asked again, and none is restarted until the last one streams", async () => {
  const some = cluster(3, { node2: {}, node3: {} });
  some.busy = 1;
  let looks = 0;
  some.streaming = () => {
    steps.push("catching up");
    return ++looks !== 1;
  };
  expect(await restarted(some)).toEqual([
    ...replica("node2"),
    "catching up",
    "catching up",
    ...replica("node3"),
    "catching up",
  ]);
});

test("the clients go on once writes reach the new leader, whenever Patroni answers, and reads do not reach it", async () => {
  const some = cluster(3);
  some.answers = false;
  const socket = await haproxy((command) =>
    command.startsWith("set server") ? "\n" : statistics("primary", { [some.leader]: "UP" }),
  );
  await handOver(operation(some), ["node3"]);
  expect(steps.at(-1)).toBe("resume app");
  expect(socket.commands).toEqual([
    "set server replicas/node3 state drain",
    "set server primary/node1 health down",
    "set server primary/node3 health up",
    "set server replicas/node3 health down",
    "show stat primary 4 -1",
    "set server replicas/node3 state ready",
  ]);
});

test("those that read wait, too, if no server is left to read from", async () => {
  await handOver(operation(cluster(2)), ["node2"]);
  expect(steps).toEqual([...withoutReads, "pause app app_ro", "switchover node1 to node2", "resume app app_ro"]);
});

test("no member gets the leadership that may not have it", async () => {
  const some = cluster(3);
  await handOver(operation(some), ["node2"]);
  expect(some.leader).toBe("node2");
  await expect(handOver(operation(cluster(3)), ["node9"])).rejects.toThrow(
    "no replica can take over: node1 leader running, node2 replica streaming, node3 sync_standby streaming",
  );
});

test("under synchronous replication the leadership waits for the next synchronous standby", async () => {
  const some = cluster(3);
  some.synchronous = true;
  some.standby = undefined;
  const probe = some.view.bind(some);
  let looks = 0;
  some.view = () => {
    looks++;
    if (looks === 3) some.standby = "node3";
    return probe();
  };
  await handOver(operation(some), ["node2", "node3"]);
  expect(some.leader).toBe("node3");
});
