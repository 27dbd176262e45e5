import fc from "fast-check";
import { layoutOf, type Layout, portsOf } from "../../../../../components/platforms/local/layout";
import { localSchema } from "../../../../../components/platforms/local/schema";

interface Shape {
  readonly portBase: number;
  readonly replicas: number;
  readonly etcdMembers: number;
}

const layout = ({ portBase, replicas, etcdMembers }: Shape, stack = "local", stateRoot = "/var/lib/howdah"): Layout =>
  layoutOf({ stack, settings: localSchema.parse({ portBase, etcdMembers }), replicas, stateRoot });

const allPorts = (one: Layout): number[] => Object.values(portsOf(one, true)).flat();

/** Everything that the schema allows. */
const shape = fc.record({
  portBase: fc.integer({ min: 1024, max: 65_400 }),
  replicas: fc.integer({ min: 0, max: 8 }),
  etcdMembers: fc.constantFrom(1, 3),
});

test("no two things of a stack share a port, and all are among its hundred", () => {
  fc.assert(
    fc.property(shape, (one) => {
      const ports = allPorts(layout(one));
      expect(new Set(ports).size).toBe(ports.length);
      expect(Math.min(...ports)).toBeGreaterThanOrEqual(one.portBase);
      expect(Math.max(...ports)).toBeLessThan(Math.min(one.portBase + 100, 65_536));
    }),
  );
});

test("two stacks a hundred ports apart share no port, and two names no folder", () => {
  fc.assert(
    fc.property(shape, shape, (one, other) => {
      fc.pre(one.portBase <= 65_300);
      const [a, b] = [layout(one, "a"), layout({ ...other, portBase: one.portBase + 100 }, "b")];
      expect(allPorts(a).filter((port) => allPorts(b).includes(port))).toEqual([]);
      expect(b.root.startsWith(a.root)).toBe(false);
    }),
  );
});

test("the ports are known by the service that has them", () => {
  const one = layout({ portBase: 6400, replicas: 1, etcdMembers: 1 });
  const servers = {
    pgbouncer: [6432],
    haproxy: [6433, 6434],
    "patroni-node1": [6441, 6451],
    "patroni-node2": [6442, 6452],
    etcd1: [6461, 6471],
  };
  expect(portsOf(one, false)).toEqual(servers);
  expect(portsOf(one, true)).toEqual({
    ...servers,
    haproxy: [6433, 6434, 6485],
    collector: [6481],
    prometheus: [6482],
    alertmanager: [6483],
    "node-exporter": [6484],
  });
});

test("another replica moves nothing of the others", () => {
  fc.assert(
    fc.property(shape, (one) => {
      fc.pre(one.replicas < 8);
      const [few, many] = [layout(one), layout({ ...one, replicas: one.replicas + 1 })];
      expect({ ...many, nodes: many.nodes.slice(0, -1) }).toEqual(few);
    }),
  );
});

test("PgBouncer is on PostgreSQL's neighbour by default", () => {
  expect(layout({ portBase: 6400, replicas: 0, etcdMembers: 1 }).poolerPort).toBe(6432);
});

test("a folder too long for a socket is refused with its limit, and a shorter one taken", () => {
  const one = { portBase: 6400, replicas: 0, etcdMembers: 1 };
  const longest = (length: number) => () => layout(one, "s", `/${"x".repeat(length)}`);
  // root + /s + /run/.s.PGSQL.6440.lock
  const room = 107 - "//s/run/.s.PGSQL.6440.lock".length;
  expect(longest(room)).not.toThrow();
  expect(longest(room + 1)).toThrow(/too long: the path of the socket .* may have at most 107 bytes/);
});

test("the folder of config is taken as it is", () => {
  const settings = localSchema.parse({ stateDirectory: "/srv/db" });
  expect(layoutOf({ stack: "s", settings, replicas: 0, stateRoot: "/var" }).root).toBe("/srv/db");
});
