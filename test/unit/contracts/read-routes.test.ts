import fc from "fast-check";
import { routeLines } from "../../../components/pgbouncer/files";
import { type Route, routeSchema, routesText, seatOf } from "../../../contracts/read-routes";
import { connectionBudget } from "../../../components/capacity/connections";
import { sampleDatabases } from "../../support/servers/postgres/databases";

const target = (host: string, weight = 1) => ({ host, port: 5432, weight });

const plain = {
  lines: routeLines(connectionBudget(sampleDatabases).pools, 5432),
  targets: [target("a"), target("b")],
  primary: { host: "primary", port: 5432 },
  maximumLagSeconds: 10,
  ca: "/ca.pem",
  login: { user: "probe", passwordFile: "/password", database: "orders" },
  include: "/run/routes.ini",
  socketDirectory: "/run",
  port: 6432,
  intervalSeconds: 2,
};

const route = (targets: Route["targets"]): Route => routeSchema.parse({ ...plain, targets });

/** Server of the first database, for a seat. */
const serverOf = (given: Route, healthy: readonly string[], seat: number): string | undefined =>
  /host='([^']*)'/.exec(
    routesText(
      given,
      healthy.map((host) => ({ host })),
      seat,
    ),
  )?.[1];

const seats = Array.from({ length: 12 }, (_, seat) => seat);

test("each read-only database has a line, and nothing else is in the file", () => {
  const text = routesText(route([target("a")]), [{ host: "a" }], 0);
  const auth = "auth_user='howdah_pooler'";
  expect(text.split("\n")).toEqual([
    "[databases]",
    `audit_ro = host='a' port=5432 dbname='audit' ${auth} pool_mode='session' pool_size=10 reserve_pool=5 max_db_connections=16`,
    `orders_ro = host='a' port=5432 dbname='orders' ${auth} pool_mode='transaction' pool_size=20 reserve_pool=5 max_db_connections=43`,
    "",
  ]);
});

test("a line names one server: PgBouncer 1.18 verifies a list as if it were one name", () => {
  expect(routesText(route([target("a"), target("b")]), [{ host: "a" }, { host: "b" }], 0)).not.toContain(",");
});

test("poolers share the replicas out by weight", () => {
  const given = route([target("a", 2), target("b")]);
  const chosen = seats.map((seat) => serverOf(given, ["a", "b"], seat));
  expect(chosen.filter((host) => host === "a")).toHaveLength(8);
  expect(chosen.filter((host) => host === "b")).toHaveLength(4);
});

test("databases of one pooler are spread over the replicas, too", () => {
  const hosts = [
    ...routesText(route([target("a"), target("b")]), [{ host: "a" }, { host: "b" }], 0).matchAll(/host='(\w)'/g),
  ];
  expect(hosts.map(([, host]) => host)).toEqual(["a", "b"]);
});

test("the primary takes the reads while no replica is healthy, and where there is none", () => {
  expect(serverOf(route([target("a"), target("b")]), [], 1)).toBe("primary");
  expect(serverOf(route([]), ["a"], 0)).toBe("primary");
});

test("reads go to healthy replicas alone; poolers whose own replica is healthy stay with it", () => {
  const hosts = ["a", "b", "c", "d"];
  fc.assert(
    fc.property(
      fc.subarray(hosts, { minLength: 1 }),
      fc.nat(40),
      fc.integer({ min: 1, max: 3 }),
      (healthy, seat, weight) => {
        const given = route(hosts.map((host, at) => target(host, at === 0 ? weight : 1)));
        const before = serverOf(given, hosts, seat)!;
        const after = serverOf(given, healthy, seat)!;
        expect(healthy).toContain(after);
        if (healthy.includes(before)) expect(after).toBe(before);
      },
    ),
  );
});

test("the seat is the number at the end of a pod's name", () => {
  expect(["pooler-0", "pooler-12", "pooler", "pooler-7f9c", "a-1.b"].map(seatOf)).toEqual([0, 12, 0, 0, 0]);
});

test.each(["a,b", "a' port='1", "a b", "a\n[pgbouncer]"])("a host such as %j is refused", (host) => {
  expect(routeSchema.safeParse({ ...plain, primary: { host, port: 5432 } }).success).toBe(false);
});

test("a replica on another port than the primary's is refused, as the lines have one port", () => {
  expect(routeSchema.safeParse({ ...plain, targets: [{ host: "a", port: 5433 }] }).success).toBe(false);
  expect(routeSchema.safeParse({ ...plain, targets: [{ host: "a", port: 5432 }] }).success).toBe(true);
});

test("without any limit to the lag there is nothing to judge replicas by", () => {
  expect(routeSchema.safeParse({ ...plain, maximumLagSeconds: undefined }).success).toBe(false);
});
