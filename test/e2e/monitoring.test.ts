import { readFileSync, statSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "../../lib/retry";
import { programStatus } from "../../lib/supervisor/supervisor";
import { inspect } from "../../lib/system/files";
import { listens } from "../../lib/system/network";
import { minute } from "../../lib/units";
import { usualPostgres } from "../../setup/packages/distribution";
import { awesomePgbouncer, awesomePostgres, mixin, type PublicRule } from "../support/monitoring/public-rules";
import { Receiver } from "../support/monitoring/receiver";
import { https } from "../support/servers/https";
import { discard } from "../support/stack/discard";
import { supervisorctl } from "../support/stack/processes";
import { smallConfig, TestStack } from "../support/stack/stack";

jest.setTimeout(400_000);

const port = 9400;
const small = smallConfig(port);
const base = { ...small, postgres: { ...(small["postgres"] as object), replicas: 1 } };
const stack = new TestStack("e2e-monitoring", base);

let receiver: Receiver;

const ports = {
  collector: port + 81,
  prometheus: port + 82,
  alertmanager: port + 83,
  nodeExporter: port + 84,
  router: port + 85,
};

const ca = (): string => readFileSync(stack.path("tls", "ca.crt"), "utf8");
const login = async (): Promise<string> => {
  const { monitoring, monitoringPassword } = await stack.outputs();
  return `${monitoring?.user ?? ""}:${monitoringPassword ?? ""}`;
};
const ask = async (at: number, path: string, auth?: string) =>
  https(at, { path, ca: ca(), auth: auth ?? (await login()) });

/** Waits until there is a value, however long it takes. */
async function eventually<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const found = await waitFor(() => Promise.resolve(find()), { timeout: 5 * minute, interval: 500 });
  if (found === undefined) throw new Error("not seen in five minutes");
  return found;
}

interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
}

async function targets(): Promise<readonly Target[]> {
  const { body } = await ask(ports.prometheus, "/api/v1/targets");
  return (JSON.parse(body) as { data: { activeTargets: Target[] } }).data.activeTargets;
}

const pidOf = async (service: string): Promise<number> =>
  (await programStatus({ directory: stack.path("supervisor") })).get(service)?.pid ?? 0;

beforeAll(async () => {
  receiver = await Receiver.start();
  const routing = { receivers: { hook: receiver.at("/hook"), snitch: receiver.at("/snitch") }, deadMan: "snitch" };
  stack.config = { ...base, monitoring: { enabled: true, routing } };
  await stack.up();
}, 400_000);

afterAll(async () => {
  receiver.stop();
  await discard(stack);
}, 300_000);

test("Prometheus reaches every target", async () => {
  // A service may have been scraped before it listened.
  const all = await eventually(async () => {
    const found = await targets();
    return found.every(({ health }) => health === "up") ? found : undefined;
  });
  expect(all.map(({ labels }) => [labels["job"], labels["server"] ?? labels["member"]]).sort()).toEqual([
    ["alertmanager", undefined],
    ["collector", undefined],
    ["etcd", "etcd1"],
    ["etcd", "etcd2"],
    ["etcd", "etcd3"],
    ["haproxy", undefined],
    ["node", undefined],
    ["patroni", "node1"],
    ["patroni", "node2"],
    ["prometheus", undefined],
  ]);
});

test("figures of backups come from the collector alone: with a second source, an alert on them would fire twice", async () => {
  // For a textfile collector of the user's.
  await eventually(() => inspect(stack.path("metrics", "howdah_backup.prom")));
  const { body } = await ask(ports.nodeExporter, "/metrics");
  expect(body).toContain("node_boot_time_seconds");
  expect(body.match(/^howdah_\w+/m)).toBeNull();
});

/** What Prometheus answers to a query. */
interface Answer {
  readonly data?: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] };
  readonly errorType?: string;
}

async function query(expression: string, time = ""): Promise<Answer> {
  const { body } = await ask(ports.prometheus, `/api/v1/query?query=${encodeURIComponent(expression)}${time}`);
  return JSON.parse(body) as Answer;
}

/** Values of an expression, by the values of one label. */
async function valuesOf(expression: string, label: string): Promise<Record<string, number>> {
  const { data } = await query(expression);
  return Object.fromEntries((data?.result ?? []).map(({ metric, value }) => [metric[label] ?? "", Number(value[1])]));
}

describe("rules of others on our series", () => {
  /** Seconds: with this much ahead, figures of five minutes ago are those of now, and those of now are not stale yet. */
  const ahead = 270;

  async function hasValue(expression: string): Promise<boolean> {
    const time = expression.includes("offset 5m") ? `&time=${Date.now() / 1000 + ahead}` : "";
    const { data, errorType } = await query(expression, time);
    // "execution" is an error that depends on the series, such as several pairs with the same labels.
    if (data === undefined && errorType !== "execution") throw new Error(`${expression}: ${errorType}`);
    return data !== undefined && data.result.length > 0;
  }

  test("each server is an instance, as these rules tell them apart", async () => {
    await waitFor(async () => ((await hasValue("pg_up")) ? true : undefined), { timeout: 60_000 });
    const { body } = await ask(ports.prometheus, "/api/v1/label/instance/values?match[]=pg_up");
    expect((JSON.parse(body) as { data: string[] }).data).toEqual([`${stack.name}/node1`, `${stack.name}/node2`]);
  });

  const major = usualPostgres();
  const isExpected = ({ without, until = major }: PublicRule) => without === undefined && until >= major;
  const expressionsOf = ({ expression, unpaired }: PublicRule) => unpaired ?? [expression];

  beforeAll(async () => {
    await stack.query("app_migrator", "CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1)");
    await stack.query("app", "SELECT 1");
    // It collects figures of tables at its start, and then every five minutes.
    await supervisorctl(stack, "restart", "collector");
  });

  test.each([
    { of: "awesome-prometheus-alerts, PostgreSQL", rules: awesomePostgres, all: 25, atLeast: 20 },
    { of: "awesome-prometheus-alerts, PgBouncer", rules: awesomePgbouncer, all: 6, atLeast: 5 },
    { of: "mixin of postgres_exporter", rules: mixin, all: 15, atLeast: 12 },
  ])("$of", async ({ rules, all, atLeast }) => {
    expect(rules).toHaveLength(all);
    const wanted = rules.filter(isExpected);
    if (major < 17) expect(wanted.length).toBeGreaterThanOrEqual(atLeast);
    const lacking = async (): Promise<string[]> => {
      const parts = wanted.flatMap((one) => expressionsOf(one).map((expression) => ({ ...one, expression })));
      const have = await Promise.all(parts.map(({ expression }) => hasValue(expression)));
      return parts.flatMap(({ name, expression }, at) => (have[at] === true ? [] : `${name}: ${expression}`));
    };
    // A rate needs two scrapes.
    await waitFor(async () => ((await lacking()).length === 0 ? true : undefined), {
      timeout: 120_000,
      interval: 2000,
    });
    expect(await lacking()).toEqual([]);
    // The reasons in the table are still true.
    for (const one of rules.filter((each) => !isExpected(each) || each.unpaired !== undefined))
      expect([one.name, await hasValue(one.expression)]).toEqual([one.name, false]);
  });
});

test("the probe writes and reads through the pooler, each on the right server", async () => {
  await eventually(async () => {
    const success = await valuesOf("howdah_probe_success", "route");
    return success["read-write"] === 1 && success["read-only"] === 1 ? true : undefined;
  });
  expect(await valuesOf("howdah_probe_in_recovery", "route")).toEqual({ "read-write": 0, "read-only": 1 });
});

describe("no one else reads what is there", () => {
  const servers = ["prometheus", "alertmanager", "nodeExporter"] as const;

  test.each(servers)("%s refuses a wrong password, and takes the right one", async (server) => {
    expect((await ask(ports[server], "/metrics", "prometheus:wrong")).status).toBe(401);
    expect((await https(ports[server], { path: "/metrics", ca: ca() })).status).toBe(401);
    expect((await ask(ports[server], "/metrics")).status).toBe(200);
  });

  test.each(servers)("%s does not speak plain HTTP", async (server) => {
    const status = await new Promise((resolve, reject) => {
      plainRequest({ host: "127.0.0.1", port: ports[server], path: "/metrics" }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(400);
  });

  test("HAProxy lets the certificate of Prometheus in, no other one, and no one without", async () => {
    const as = (name: string) =>
      https(ports.router, {
        path: "/metrics",
        ca: ca(),
        cert: readFileSync(stack.path("tls", `${name}.crt`)),
        key: readFileSync(stack.path("tls", `${name}.key`)),
      });
    expect((await as("prometheus")).body).toContain("haproxy_backend_active_servers");
    expect((await as("node1")).status).toBe(403);
    await expect(https(ports.router, { path: "/metrics", ca: ca() })).rejects.toThrow(/certificate required|alert/);
  });
});

test("secrets of receivers are in files of the service user alone", () => {
  for (const file of ["alertmanager.yml", "receiver.hook.webhook-token", "monitoring.password", "monitoring-web.yml"]) {
    const { mode } = statSync(stack.path("etc", file));
    expect([file, mode & 0o777]).toEqual([file, 0o600]);
  }
});

test("another up changes nothing", async () => {
  expect(await stack.plan()).toEqual([]);
});

test("the dead man's receiver hears the Watchdog, and gets nothing else", async () => {
  await eventually(() => (receiver.posted("/snitch").length === 0 ? undefined : true));
  expect(new Set(receiver.posted("/snitch").map(({ labels }) => labels["alertname"]))).toEqual(new Set(["Watchdog"]));
  expect(receiver.posted("/hook").map(({ labels }) => labels["alertname"])).not.toContain("Watchdog");
});

test("a service that hangs is notified, and so is its return", async () => {
  const posted = (status: string) =>
    receiver.posted("/hook").find((alert) => alert.status === status && alert.labels["job"] === "node");
  const pid = await pidOf("node-exporter");
  process.kill(pid, "SIGSTOP");
  try {
    const { labels } = await eventually(() => posted("firing"));
    expect(labels).toMatchObject({ stack: stack.name, instance: `127.0.0.1:${ports.nodeExporter}` });
    expect(receiver.tokens).toEqual(new Set(["Bearer token-of-the-test"]));
    const { output } = await stack.howdah(["status", "--stack", stack.name]);
    expect(output).toContain(`Prometheus cannot scrape node (127.0.0.1:${ports.nodeExporter})`);
  } finally {
    process.kill(pid, "SIGCONT");
  }
  await eventually(() => posted("resolved"));
});

const planned = () => valuesOf("max_over_time(howdah_planned_work[5m])", "work");

test("a change of the routing is read without a restart, which is no work that alerts have to know of", async () => {
  const pid = await pidOf("alertmanager");
  const { routing } = stack.config["monitoring"] as { routing: object };
  stack.config = { ...stack.config, monitoring: { enabled: true, routing: { ...routing, groupBy: ["alertname"] } } };
  await stack.up();
  const { body } = await ask(ports.alertmanager, "/api/v2/status");
  const { original } = (JSON.parse(body) as { config: { original: string } }).config;
  expect(original).toContain("group_by:\n  - alertname\n  continue");
  expect(await pidOf("alertmanager")).toBe(pid);
  // Longer than what an announcement would take to be seen.
  await sleep(45_000);
  expect(await planned()).toEqual({ update: 0, restore: 0 });
});

test("a restart is planned work, and announced as such", async () => {
  stack.config = { ...stack.config, monitoring: { ...(stack.config["monitoring"] as object), retention: "10 days" } };
  await stack.up();
  await eventually(async () => {
    const { update, restore } = await planned();
    return update === 1 && restore === 0 ? true : undefined;
  });
});

test("without monitoring all of it is removed, and HAProxy goes on", async () => {
  const pid = await pidOf("haproxy");
  stack.config = base;
  await stack.up();
  const services = await programStatus({ directory: stack.path("supervisor") });
  for (const name of ["collector", "prometheus", "alertmanager", "node-exporter"])
    expect([name, services.has(name)]).toEqual([name, false]);
  for (const [name, at] of Object.entries(ports)) expect([name, await listens(at)]).toEqual([name, false]);
  expect(await inspect(stack.path("monitoring"))).toBeUndefined();
  expect(await inspect(stack.path("etc", "alertmanager.yml"))).toBeUndefined();
  expect(await pidOf("haproxy")).toBe(pid);
  expect((await stack.outputs()).monitoring).toBeUndefined();
  expect(await stack.plan()).toEqual([]);
});
