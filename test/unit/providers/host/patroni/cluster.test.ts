import fc from "fast-check";
import {
  bestCandidate,
  isHealthy,
  leaderOf,
  type MemberView,
  PatroniCluster,
} from "../../../../../providers/host/patroni/cluster";
import { callMember } from "../../../../../lib/servers/patroni";

jest.mock("../../../../../lib/servers/patroni");

const member = (name: string, role: string, state: string): MemberView => ({ name, role, state });
const names = ["node1", "node2", "node3"];
const healthy = [
  member("node1", "leader", "running"),
  member("node2", "replica", "streaming"),
  member("node3", "sync_standby", "streaming"),
];
const withState = (name: string, state: string): MemberView[] =>
  healthy.map((one) => (one.name === name ? { ...one, state } : one));

test.each([
  ["has the lock and takes writes", { status: 200, role: "primary" }, true],
  ["has the lock and is about to be promoted", { status: 200, role: "replica" }, false],
  ["has lost the lock", { status: 503, role: "primary" }, false],
])("a member that %s", async (_case, { status, role }, leads) => {
  const cluster = new PatroniCluster([{ name: "node1", host: "localhost", port: 1, restPort: 2 }], {
    caFile: "",
    certificateFile: "",
    keyFile: "",
  });
  jest.mocked(callMember).mockResolvedValue({ status, body: JSON.stringify({ role }) });
  expect(await cluster.leads("node1")).toBe(leads);
  expect(await cluster.leads("node2")).toBe(false);
  jest.mocked(callMember).mockRejectedValue(new Error("ECONNREFUSED"));
  expect(await cluster.leads("node1")).toBe(false);
});

test.each([
  ["a primary has written", { location: 7 }, 7],
  ["a replica has replayed, whatever it has received", { received_location: 9, replayed_location: 5 }, 5],
  ["nobody knows", undefined, 0],
])("the position is what %s", async (_case, xlog, position) => {
  const credentials = { caFile: "", certificateFile: "", keyFile: "" };
  const cluster = new PatroniCluster([{ name: "node1", host: "localhost", port: 1, restPort: 2 }], credentials);
  jest.mocked(callMember).mockResolvedValue({ status: 200, body: JSON.stringify({ xlog }) });
  expect(await cluster.position("node1")).toBe(position);
  expect(await cluster.position("node2")).toBe(0);
});

describe("a restart", () => {
  const answered = (status: number, body: string): Promise<boolean> => {
    const credentials = { caFile: "", certificateFile: "", keyFile: "" };
    const cluster = new PatroniCluster([{ name: "node1", host: "localhost", port: 1, restPort: 2 }], credentials);
    jest.mocked(callMember).mockResolvedValue({ status, body });
    return cluster.restart("node1");
  };

  test.each([
    [200, "restarted successfully"],
    [503, "restart conditions are not satisfied"],
    [503, "postgres is still starting"],
  ])("is done: %i %s", async (status, body) => {
    expect(await answered(status, body)).toBe(true);
  });

  test("has to wait for what the member does", async () => {
    expect(await answered(503, "demote already in progress")).toBe(false);
  });

  test("that failed is an error", async () => {
    await expect(answered(503, "restart failed")).rejects.toThrow("/restart of node1 answered 503: restart failed");
  });
});

test("a member streams by its own word", async () => {
  const credentials = { caFile: "", certificateFile: "", keyFile: "" };
  const cluster = new PatroniCluster([{ name: "node1", host: "localhost", port: 1, restPort: 2 }], credentials);
  for (const state of ["streaming", "in archive recovery", undefined]) {
    jest.mocked(callMember).mockResolvedValue({ status: 200, body: JSON.stringify({ replication_state: state }) });
    expect(await cluster.streams("node1")).toBe(state === "streaming");
  }
});

test("the leader is the member that leads, of a standby cluster too", () => {
  expect(leaderOf(healthy)?.name).toBe("node1");
  expect(leaderOf([member("node2", "standby_leader", "running")])?.name).toBe("node2");
  expect(leaderOf(healthy.slice(1))).toBeUndefined();
});

describe("the best candidate", () => {
  test.each(["sync_standby", "quorum_standby"])("is the %s, wherever it stands", (role) => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (order) => {
        const view = order.map((at) => ({ ...healthy[at]!, ...(at === 2 ? { role } : {}) }));
        expect(bestCandidate(view, names)?.name).toBe("node3");
      }),
    );
  });

  test("is an asynchronous replica where no synchronous one streams or is allowed", () => {
    expect(bestCandidate(withState("node3", "in archive recovery"), names)?.name).toBe("node2");
    expect(bestCandidate(healthy, ["node1", "node2"])?.name).toBe("node2");
  });

  test("is never the leader, a member that does not stream, or one that is not allowed", () => {
    const state = fc.constantFrom("running", "streaming", "stopped", "starting", "creating replica");
    const role = fc.constantFrom("replica", "sync_standby");
    const replicas = fc.tuple(
      ...["node2", "node3"].map((name) => fc.tuple(role, state).map(([r, s]) => member(name, r, s))),
    );
    fc.assert(
      fc.property(replicas, fc.subarray(names), (some, allowed) => {
        const found = bestCandidate([healthy[0]!, ...some], allowed);
        const possible = some.filter((one) => one.state === "streaming" && allowed.includes(one.name));
        expect(possible.includes(found!)).toBe(possible.length > 0);
        expect(found === undefined).toBe(possible.length === 0);
      }),
    );
  });
});

describe("a cluster is healthy", () => {
  test("when its leader runs and every replica streams", () => {
    expect(isHealthy(healthy, names)).toBe(true);
  });

  test.each([
    ["without a leader", healthy.slice(1)],
    ["while its leader starts", withState("node1", "starting")],
    ["while a replica is made", withState("node2", "creating replica")],
    ["while a replica runs and does not stream", withState("node2", "running")],
    ["while a member is missing", healthy.slice(0, 2)],
    ["with nobody in it", []],
  ])("not %s", (_what, view) => {
    expect(isHealthy(view, names)).toBe(false);
  });

  test("whatever a member that is to go does", () => {
    expect(isHealthy([...healthy, member("node4", "replica", "stopped")], names)).toBe(true);
  });
});
