import { readFileSync } from "node:fs";
import { Client, type ClientConfig } from "pg";
import { waitFor } from "../../lib/retry";
import { discard } from "../support/stack/discard";
import { https } from "../support/servers/https";
import { servicePid } from "../support/stack/processes";
import { smallConfig, superuser, TestStack, type PlannedStep } from "../support/stack/stack";
import { startTraffic, type Traffic } from "../support/stack/traffic";

const applications = {
  app: { access: "readwrite", pool: 4, overflow: 2 },
  reports: { access: "readonly", pool: 2, overflow: 1 },
  app_migrator: { access: "owner", pool: 1, overflow: 1 },
};
const patient = { ...applications.reports, statementTimeout: "7 minutes" };
const base = smallConfig(7600);
const postgres = { ...(base["postgres"] as object), memory: "2 GB" };
// A budget with room, so that more pools are no reason for a restart.
const roomy = { max_connections: 80 };
const stack = new TestStack("e2e-changes", {
  ...base,
  postgres: { ...postgres, parameters: roomy },
  databases: { app: { applications } },
});
let traffic: Traffic;

jest.setTimeout(300_000);

/** What an update may touch: each is a reload. */
const nodeUpdates = (name: string): string[] => [`postgres-${name}`, `postgres-${name}-configuration`];
const servers = ["postgres-cluster", ...["node1", "node2", "node3"].flatMap(nodeUpdates)];
const node4 = nodeUpdates("node4");
const pooling = ["pooler", "pooler-pgbouncer.ini"];
const routing = ["postgres-router", "postgres-router-configuration", "repository-configuration", "backups-job-file"];

/** Names of the planned steps by operation. */
function byOperation(steps: readonly PlannedStep[]): Record<string, string[]> {
  const sorted: Record<string, string[]> = {};
  for (const { op, name } of steps) (sorted[op] ??= []).push(name);
  for (const names of Object.values(sorted)) names.sort();
  return sorted;
}

const primaryPort = async (): Promise<number> => {
  const leader = (await stack.members()).find(({ role }) => role === "leader")?.name;
  return (await stack.outputs()).nodes.find(({ name }) => name === leader)?.port ?? 0;
};
/** One row as `reports`, by HAProxy's port for reads. */
async function viaRouter(sql: string): Promise<Record<string, unknown>> {
  const client = new Client({ ...(await stack.client("reports")), database: "app", port: 7634 });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0] ?? {};
  } finally {
    await client.end();
  }
}
const asSuperuser = async (sql: string, database = "app"): Promise<string> =>
  superuser(stack, { port: await primaryPort(), database }, sql);

/** Limit of the session that the client's next transaction gets. */
const timeout = async (client: Client): Promise<string> =>
  (await client.query<{ limit: string }>("SELECT current_setting('statement_timeout') AS limit")).rows[0]!.limit;

const startTimes = async (): Promise<string[]> => {
  const { nodes } = await stack.outputs();
  return Promise.all(nodes.slice(0, 3).map(({ port }) => superuser(stack, port, "SELECT pg_postmaster_start_time()")));
};

beforeAll(async () => {
  await stack.up();
  await stack.query("app_migrator", "CREATE TABLE app.events (id bigint PRIMARY KEY)");
  traffic = await startTraffic(stack, "app", "events");
}, 300_000);

afterAll(async () => {
  await discard(stack);
}, 300_000);

describe("a database, an application and a replica more", () => {
  let plan: Record<string, string[]>;
  let started: string[];
  let pooler: number;

  beforeAll(async () => {
    [started, pooler] = [await startTimes(), await servicePid(stack, "pgbouncer")];
    stack.config = {
      ...stack.config,
      postgres: { ...postgres, replicas: 3, parameters: roomy },
      databases: {
        app: { applications: { ...applications, worker: { access: "readwrite", pool: 1, overflow: 1 } } },
        billing: { schemas: ["ledger"], applications: { clerk: { access: "readwrite", pool: 1, overflow: 1 } } },
      },
    };
    plan = byOperation(await stack.plan());
    await stack.up();
  });

  test("are new objects; what is there is updated in place", () => {
    expect(Object.keys(plan).sort()).toEqual(["create", "update"]);
    expect(plan["create"]?.filter((name) => !/billing|clerk|worker|node4/.test(name))).toEqual([]);
    expect(plan["create"]).toEqual(
      expect.arrayContaining(["access-database-billing", "access-role-worker", "postgres-node4"]),
    );
    const roles = ["access-role-howdah_pooler", "postgres-administrator-role", "backups-socket-logins", "removals"];
    const pooled = [...pooling, "pooler-logins", "pooler-sessions"];
    expect(plan["update"]).toEqual([...servers, ...pooled, ...routing, ...roles].sort());
  });

  test("work at once, each login in its database only", async () => {
    expect(await stack.query("clerk", "SELECT current_database() AS database, current_schema AS schema")).toEqual([
      { database: "billing", schema: "ledger" },
    ]);
    expect(await stack.query("worker", "SELECT count(*) > 0 AS rows FROM events")).toEqual([{ rows: true }]);
  });

  test("the replica streams, and HAProxy sends reads to it", async () => {
    const members = await stack.awaitMembers(
      (view) => view.some(({ name, state }) => name === "node4" && state === "streaming"),
      60,
    );
    expect(members).toHaveLength(4);
    expect(readFileSync(stack.path("etc", "haproxy.cfg"), "utf8")).toMatch(/server node4 127\.0\.0\.1:7644 check/);
    // Its turn comes once HAProxy has checked it, and not before that of the other replicas.
    const answered = async (): Promise<true | undefined> =>
      (await viaRouter("SELECT inet_server_port() AS port"))["port"] === 7644 ? true : undefined;
    expect(await waitFor(answered, { timeout: 60_000 })).toBe(true);
  });

  test("neither a server nor the pooler was restarted", async () => {
    expect(await startTimes()).toEqual(started);
    expect(await servicePid(stack, "pgbouncer")).toBe(pooler);
  });
});

describe("an application with fewer rights, other pools, another timeout and another work_mem", () => {
  let held: Client;
  let plan: Record<string, string[]>;
  let started: string[];
  let pooler: number;

  beforeAll(async () => {
    [started, pooler] = [await startTimes(), await servicePid(stack, "pgbouncer")];
    const { billing } = stack.config["databases"] as Record<string, unknown>;
    held = new Client(await stack.client("reports"));
    await held.connect();
    expect(await timeout(held)).not.toBe("7min");
    stack.config = {
      ...stack.config,
      postgres: { ...postgres, replicas: 3, parameters: { ...roomy, work_mem: "3MB" } },
      databases: {
        app: {
          applications: {
            ...applications,
            app: { access: "readwrite", pool: 6, overflow: 2 },
            reports: patient,
            worker: { access: "readonly", pool: 1, overflow: 1 },
          },
        },
        billing,
      },
    };
    plan = byOperation(await stack.plan());
    await stack.up();
  });

  test("are updates in place", () => {
    const roles = ["app", "app_migrator", "howdah_pooler", "reports", "worker"].map((role) => `access-role-${role}`);
    expect(plan).toEqual({ update: [...servers, ...node4, ...pooling, ...roles, "pooler-sessions"].sort() });
  });

  test("a client that stayed connected has its new timeout at once, and saw no error", async () => {
    expect(await timeout(held)).toBe("7min");
    await held.end();
  });

  test("are in force on every server", async () => {
    const { nodes } = await stack.outputs();
    const found = await Promise.all(nodes.map(({ port }) => superuser(stack, port, "SHOW work_mem")));
    expect(found).toEqual(["3MB", "3MB", "3MB", "3MB"]);
    await expect(stack.query("worker", "INSERT INTO events VALUES (-1)")).rejects.toThrow("permission denied");
    expect(await stack.query("worker", "SELECT count(*) > 0 AS rows FROM events")).toEqual([{ rows: true }]);
    expect(readFileSync(stack.path("etc", "pgbouncer.ini"), "utf8")).toMatch(/^app = .*pool_size=6/m);
  });

  test("neither a server nor the pooler was restarted", async () => {
    expect(await startTimes()).toEqual(started);
    expect(await servicePid(stack, "pgbouncer")).toBe(pooler);
  });
});

describe("that replica leads, and leaves together with another one, an application and a restart", () => {
  let plan: Record<string, string[]>;
  let duringChange: Traffic;

  beforeAll(async () => {
    // A failover may take a replica that is not the synchronous one; nobody writes meanwhile.
    await traffic.stop();
    const leader = (await stack.members()).find(({ role }) => role === "leader")?.name ?? "";
    const { nodes } = await stack.outputs();
    const agent = new URL(nodes.find(({ name }) => name === leader)?.agent ?? "");
    const file = (name: string): Buffer => readFileSync(stack.path("tls", name));
    const answer = await https(Number(agent.port), {
      ca: file("ca.crt"),
      cert: file("operator.crt"),
      key: file("operator.key"),
      method: "POST",
      path: "/failover",
      body: JSON.stringify({ candidate: "node4" }),
      timeout: 60_000,
    });
    expect(answer).toMatchObject({ status: 200 });
    await stack.awaitMembers(
      (view) =>
        view.some(({ name, role }) => name === "node4" && role === "leader") &&
        view.every(({ role, state }) => role === "leader" || state === "streaming"),
      60,
    );
    await stack.query("app_migrator", "CREATE TABLE app.last_events (id bigint PRIMARY KEY)");
    duringChange = await startTraffic(stack, "app", "last_events");
    const { parameters } = stack.config["postgres"] as { parameters: object };
    const { billing } = stack.config["databases"] as Record<string, unknown>;
    stack.config = {
      ...stack.config,
      // Those that stay have to restart for it, and those that leave must not hold them up.
      postgres: { ...postgres, replicas: 1, parameters: { ...parameters, max_locks_per_transaction: 128 } },
      databases: {
        app: {
          applications: { ...applications, app: { access: "readwrite", pool: 6, overflow: 2 }, reports: patient },
        },
        billing,
      },
    };
    plan = byOperation(await stack.plan());
    await stack.up();
  });

  test("delete the nodes and the login, and nothing else", () => {
    expect(Object.keys(plan).sort()).toEqual(["delete", "update"]);
    expect(plan["delete"]?.filter((name) => !/worker|node[34]/.test(name))).toEqual([]);
    expect(plan["delete"]).toEqual(expect.arrayContaining(["access-role-worker", "postgres-node4-directory"]));
    const staying = ["postgres-cluster", ...["node1", "node2"].flatMap(nodeUpdates)];
    expect(plan["update"]).toEqual(
      [...staying, ...pooling, ...routing, "pooler-logins", "pooler-sessions", "removals"].sort(),
    );
  });

  test("the leadership was handed over before, without an error for anybody and without the loss of a row", async () => {
    const { acknowledged, errors, longestWait } = await duringChange.stop();
    expect(errors).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(50);
    expect(longestWait).toBeLessThan(30_000);
    // Patroni forgets a member with the lease of its key: 20 s, which start again when etcd elects a leader.
    const members = await stack.awaitMembers((view) => view.length === 2, 60);
    expect(members.map(({ name }) => name).sort()).toEqual(["node1", "node2"]);
    const kept = new Set((await asSuperuser("SELECT id FROM app.last_events")).split("\n"));
    expect(acknowledged.filter((id) => !kept.has(String(id)))).toEqual([]);
  });

  test("those that stay run with the new value", async () => {
    const { nodes } = await stack.outputs();
    const shown = nodes.map(({ port }) => superuser(stack, port, "SHOW max_locks_per_transaction"));
    expect(await Promise.all(shown)).toEqual(["128", "128"]);
  });

  test("the login is gone with its rights, and what it wrote is there", async () => {
    expect(await asSuperuser("SELECT count(*) FROM pg_roles WHERE rolname = 'worker'")).toBe("0");
    await expect(stack.client("worker")).rejects.toThrow();
  });
});

describe("a rotation of passwords", () => {
  const rotate = async (app: number, reports: number): Promise<void> => {
    const { app_migrator } = applications;
    const rotated = {
      app: { ...applications.app, rotations: app },
      reports: { ...applications.reports, rotations: reports },
      app_migrator,
    };
    stack.config = { ...stack.config, databases: { app: { applications: rotated } } };
    await stack.up();
  };
  const comes = async (config: ClientConfig): Promise<string> => {
    const client = new Client(config);
    await client.connect();
    const { rows } = await client.query<{ login: string }>("SELECT session_user AS login");
    await client.end();
    return rows[0]!.login;
  };
  let before: ClientConfig;

  test("puts a second login into use, and leaves the first as it was", async () => {
    before = await stack.client("reports");
    await rotate(1, 1);
    expect(await comes(await stack.client("app"))).toBe("app_b");
    expect(await comes(await stack.client("reports"))).toBe("reports_b");
    expect(await comes(before)).toBe("reports");
  });

  test("a second one ends the first password, and leaves the login in between", async () => {
    const between = await stack.client("reports");
    await rotate(1, 2);
    expect(await comes(await stack.client("reports"))).toBe("reports");
    expect(await comes(between)).toBe("reports_b");
    await expect(comes(before)).rejects.toThrow(/password|SASL|auth/i);
  });
});

test("during all the changes before, a client that wrote and logged in again and again saw no error", async () => {
  const { acknowledged, errors } = await traffic.stop();
  expect(errors).toEqual([]);
  const kept = new Set((await asSuperuser("SELECT id FROM app.events")).split("\n"));
  expect(acknowledged.length).toBeGreaterThan(200);
  expect(acknowledged.filter((id) => !kept.has(String(id)))).toEqual([]);
});

test("a further up plans nothing", async () => {
  expect(await stack.plan()).toEqual([]);
});
