import fc from "fast-check";
import { type ConnectionBudget, connectionBudget } from "../../../../../components/capacity/connections";
import { drainOf } from "../../../../../components/kubernetes/pooler/drain";
import { clientsPerPod, poolerFiles } from "../../../../../components/kubernetes/pooler/files";
import { poolerSize } from "../../../../../components/kubernetes/pooler/pod";
import { poolerShareProblems } from "../../../../../components/kubernetes/rules";
import { clusterSettings, planFor } from "../../../../support/clouds/fake-cloud";
import { anyDatabases, sampleDatabases } from "../../../../support/servers/postgres/databases";

const servers = {
  primary: { host: "primary.db", port: 5432 },
  readTargets: [
    { host: "one.db", port: 5432 },
    { host: "two.db", port: 5432 },
  ],
};
const files = (poolers = {}) => poolerFiles({ input: planFor(), settings: clusterSettings({ poolers }) }, servers);

test("pgbouncer.ini holds the read-write databases, and includes the others before its own settings", () => {
  const [section, ...rest] = files({ max: 4 }).ini.split("\n\n")[0]!.split("\n");
  expect(section).toBe("[databases]");
  expect(rest).toEqual([
    "app = host='primary.db' port=5432 dbname='app' auth_user='howdah_pooler' pool_mode='transaction' pool_size=1 reserve_pool=1 max_db_connections=4",
    "%include /run/pgbouncer/routes.ini",
  ]);
});

test("both sides speak TLS; the servers' names and authorities are verified", () => {
  const { ini } = files();
  for (const line of [
    "client_tls_sslmode = require",
    "client_tls_cert_file = /etc/pooler-certificate/tls.crt",
    "server_tls_sslmode = verify-full",
    "server_tls_ca_file = /etc/howdah/server-authorities.pem",
  ])
    expect(ini.split("\n")).toContain(line);
});

test("clients present no certificate, so no authority of theirs has to be there", () => {
  expect(files().ini).not.toContain("client_tls_ca_file");
});

test("replicas are watched with the pooler's own login, as many pods as there are", () => {
  const { route } = files({ readWeights: [3], readLag: "5 seconds" });
  expect(route.targets).toEqual([
    { host: "one.db", port: 5432, weight: 3 },
    { host: "two.db", port: 5432, weight: 1 },
  ]);
  expect(route.maximumLagSeconds).toBe(5);
  expect(route.login).toEqual({ user: "howdah_pooler", passwordFile: "/etc/howdah/pooler-password", database: "app" });
});

test("read-only databases get the pod's share, as the others do", () => {
  const { route } = files({ max: 4 });
  expect(route.lines).toEqual([
    { alias: "app_ro", template: expect.stringContaining(" max_db_connections=4") as string },
  ]);
});

describe("the availability probe", () => {
  /** `max_db_connections` of each database in the files of a pod. */
  const limits = (budget: ConnectionBudget): Record<string, number> => {
    const input = { ...planFor(), budget, databases: [...new Set(budget.pools.map(({ database }) => database))] };
    const { ini, route } = poolerFiles(
      { input, settings: clusterSettings({ poolers: { min: 2, max: budget.poolers } }) },
      servers,
    );
    const text = [ini, ...route.lines.map(({ template }) => template)].join("\n");
    const found = [...text.matchAll(/^(\w+) = .*max_db_connections=(\d+)/gm)];
    return Object.fromEntries(found.map(([, alias = "", limit]) => [alias, Number(limit)]));
  };
  const probed = connectionBudget(sampleDatabases, undefined, 3);

  test("has a server connection of its own in each pod, by each route of one database", () => {
    const unprobed = { ...probed, hasProbe: false };
    const { audit = 0, audit_ro = 0, ...others } = limits(unprobed);
    expect(limits(probed)).toEqual({ audit: audit + 1, audit_ro: audit_ro + 1, ...others });
  });

  test("takes none from the applications, and all pods together stay within max_connections", () => {
    fc.assert(
      fc.property(anyDatabases, fc.integer({ min: 2, max: 50 }), (databases, pods) => {
        const kubernetes = clusterSettings({ poolers: { min: 2, max: pods } });
        fc.pre(Object.keys(databases).length > 0 && poolerShareProblems({ databases, kubernetes }).length === 0);
        const budget = connectionBudget(databases, undefined, pods);
        const opened = pods * Object.values(limits(budget)).reduce((total, limit) => total + limit, 0);
        // What the budget reserves without the probe is for others.
        expect(opened + connectionBudget(databases).reserve).toBeLessThanOrEqual(budget.maxConnections);
      }),
    );
  });

  test("enters that database from where clients come, if there is room for it", () => {
    const settings = clusterSettings();
    const hba = (hasProbe: boolean) => {
      const input = planFor();
      return poolerFiles({ input: { ...input, budget: { ...input.budget, hasProbe } }, settings }, servers)
        .hba.split("\n")
        .filter((line) => line.startsWith("hostssl") && line.includes("howdah_probe"));
    };
    expect(hba(true)).toEqual(["hostssl app,app_ro howdah_probe 10.10.0.0/16 scram-sha-256"]);
    expect(hba(false)).toEqual([]);
  });
});

test("PgBouncer reads again whatever of its files can change", () => {
  const { ini, route } = files();
  const named = ["auth_file", "auth_hba_file", "client_tls_cert_file", "server_tls_ca_file"].map(
    (name) => new RegExp(`^${name} = (.*)$`, "m").exec(ini)?.[1],
  );
  expect(route.watch).toEqual(expect.arrayContaining([...named, "/etc/howdah/pgbouncer.ini"]));
});

test("the pod's collector reads the console from the pod itself, and enters no database", () => {
  const lines = files().hba.split("\n");
  const open = lines.indexOf("hostssl pgbouncer howdah_monitoring 127.0.0.1/32 scram-sha-256");
  expect(open).toBeGreaterThan(-1);
  expect(lines.indexOf("host pgbouncer all 0.0.0.0/0 reject")).toBeGreaterThan(open);
  expect(lines.filter((line) => line.includes("127.0.0.1/32"))).toHaveLength(1);
});

test("the other pods can carry all clients while one restarts", () => {
  for (const pods of [2, 3, 7]) expect(clientsPerPod(1000, pods) * (pods - 1)).toBeGreaterThanOrEqual(1000);
});

test("memory grows with the clients that are let in", () => {
  expect(poolerSize(500).memory).toEqual([96, 96]);
  expect(poolerSize(5000).memory).toEqual([377, 377]);
});

test("a pod outlives every client that recycles its connections, and then a statement of any length", () => {
  const input = planFor();
  const { graceSeconds, settleSeconds, terminationSeconds } = drainOf(input);
  expect(graceSeconds).toBeGreaterThan(1800 + settleSeconds);
  expect(terminationSeconds).toBeGreaterThan(graceSeconds + input.limits.query);
});
