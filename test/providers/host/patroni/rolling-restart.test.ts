import { type MemberView, PatroniCluster } from "../../../../providers/host/patroni/cluster";
import { handOver, type Operation, rollingRestart } from "../../../../providers/host/patroni/rolling-restart";
import * as console from "../../../../providers/host/pooler-console";
import { listener } from "../../plugin/stage";

jest.mock("../../../../providers/host/pooler-console");

/** What happened, in order. */
let steps: string[];

type Reason = MemberView["pending_restart_reason"];
const changed = (from: number, to: number): Reason => ({
  max_connections: { old_value: String(from), new_value: String(to) },
});

/** A cluster in memory: node1 leads, the others follow; the last one synchronously. */
class FakeCluster extends PatroniCluster {
  leader = "node1";
  readonly pending: Map<string, Reason>;
  refusal: string | undefined;

  constructor(size: number, pending: Record<string, Reason>) {
    const names = Array.from({ length: size }, (_, at) => `node${at + 1}`);
    super(
      names.map((name) => ({ name, host: "127.0.0.1", port: 1, restPort: 1 })),
      { caFile: "", certificateFile: "", keyFile: "" },
    );
    this.pending = new Map(Object.entries(pending));
  }

  override view(): Promise<MemberView[]> {
    const last = this.members.at(-1)?.name;
    return Promise.resolve(
      this.members.map(({ name }) => ({
        name,
        role: name === this.leader ? "leader" : name === last ? "sync_standby" : "replica",
        state: name === this.leader ? "running" : "streaming",
        pending_restart: this.pending.has(name),
        pending_restart_reason: this.pending.get(name) ?? {},
      })),
    );
  }

  override restart(name: string): Promise<void> {
    if (this.refusal !== undefined) return Promise.reject(new Error(this.refusal));
    steps.push(`restart ${name}`);
    this.pending.delete(name);
    return Promise.resolve();
  }

  override switchover(leader: string, candidate: string): Promise<void> {
    if (this.refusal !== undefined) return Promise.reject(new Error(this.refusal));
    steps.push(`switchover ${leader} to ${candidate}`);
    this.leader = candidate;
    return Promise.resolve();
  }
}

const pooler = { socketDirectory: "/run", port: 6432, readOnlyPort: 6434 };
const databases = [
  { name: "app", port: 6433, paused: false },
  { name: "app_ro", port: 6434, paused: false },
];

beforeEach(() => {
  steps = [];
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

const operation = (cluster: FakeCluster): Operation => {
  const { context } = listener();
  return { cluster, pooler, router: undefined, context };
};
const restarted = async (cluster: FakeCluster): Promise<string[]> => {
  await rollingRestart(operation(cluster));
  expect([...cluster.pending.keys()]).toEqual([]);
  return steps;
};

const replica = (name: string): string[] => ["pause app_ro", "resume app_ro", `restart ${name}`];

test("where nothing is pending, nothing is done", async () => {
  expect(await restarted(new FakeCluster(3, {}))).toEqual([]);
});

test("replicas come first, then the primary hands over to the synchronous one and follows", async () => {
  const cluster = new FakeCluster(3, { node1: {}, node2: {}, node3: {} });
  expect(await restarted(cluster)).toEqual([
    ...replica("node2"),
    ...replica("node3"),
    "pause app app_ro",
    "switchover node1 to node3",
    "resume app app_ro",
    ...replica("node1"),
  ]);
});

test("only what is pending is restarted, and a primary that is not keeps its place", async () => {
  expect(await restarted(new FakeCluster(3, { node2: {} }))).toEqual(replica("node2"));
});

test("a value that replicas may not undercut is lowered on the primary first, where it is", async () => {
  const lower = changed(200, 100);
  const cluster = new FakeCluster(2, { node1: lower, node2: lower });
  expect(await restarted(cluster)).toEqual([
    "pause app app_ro",
    "restart node1",
    "resume app app_ro",
    ...replica("node2"),
  ]);
});

test("a value that is raised goes the usual way: replicas first", async () => {
  const higher = changed(100, 200);
  expect((await restarted(new FakeCluster(2, { node1: higher, node2: higher })))[2]).toBe("restart node2");
});

test("a primary alone is restarted where it is, while its clients wait", async () => {
  expect(await restarted(new FakeCluster(1, { node1: {} }))).toEqual([
    "pause app app_ro",
    "restart node1",
    "resume app app_ro",
  ]);
});

test("a switchover that fails is an error, and the clients go on", async () => {
  const cluster = new FakeCluster(3, {});
  cluster.refusal = "/switchover of node1 answered 412";
  await expect(handOver(operation(cluster), ["node2", "node3"])).rejects.toThrow("answered 412");
  expect(steps).toEqual(["pause app app_ro", "resume app app_ro"]);
});

test("nobody is handed the leadership who may not have it", async () => {
  const cluster = new FakeCluster(3, {});
  await handOver(operation(cluster), ["node2"]);
  expect(cluster.leader).toBe("node2");
  await expect(handOver(operation(new FakeCluster(3, {})), ["node9"])).rejects.toThrow(
    "no replica can take over: node1 leader running, node2 replica streaming, node3 sync_standby streaming",
  );
});
