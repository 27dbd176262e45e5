import { compose } from "../../stacks/compose";
import type { StackOutputs } from "../../stacks/outputs";
import {
  clear,
  type Graph,
  graphOf,
  hidden,
  localSurroundings,
  type Registration,
  secretWord,
  settingsOf,
} from "../support/graph";

beforeAll(() => {
  Object.assign(process.env, localSurroundings);
});

const composed = (monitoring?: unknown): Promise<Graph<StackOutputs>> =>
  graphOf(() =>
    compose(
      "local",
      settingsOf("local", (keys) => Object.assign(keys, { monitoring })),
    ),
  );

const named = ({ registrations }: Graph<unknown>, name: string): Registration => {
  const found = registrations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no resource ${name}`);
  return found;
};
const text = (value: unknown): string => JSON.stringify(value);

describe("a stack without monitoring", () => {
  let without: Graph<StackOutputs>;
  let monitored: Graph<StackOutputs>;
  beforeAll(async () => {
    without = await composed({ enabled: false });
    monitored = await composed();
  });

  test("has none of it, and everything else", () => {
    const names = ({ registrations }: Graph<unknown>) => registrations.map(({ name }) => name);
    const more = names(monitored).filter((name) => !names(without).includes(name));
    expect(names(without).filter((name) => !names(monitored).includes(name))).toEqual([]);
    const own = /^(monitoring|foundation-(monitoring|prometheus))(-|$)/;
    expect(more.filter((name) => !own.test(name))).toEqual([]);
    expect(more).toContain("monitoring-prometheus");
    expect(without.result.monitoring).toBeUndefined();
    expect(without.result.monitoringPassword).toBeUndefined();
  });

  test("needs no port of it, and its jobs know of none", () => {
    const root = (graph: Graph<unknown>) => text(clear(named(graph, "foundation-root").inputs["freePorts"]));
    const job = (graph: Graph<unknown>) => text(clear(named(graph, "backups-job-file").inputs));
    const router = (graph: Graph<unknown>) => text(named(graph, "postgres-router").inputs["ports"]);
    const configuration = (graph: Graph<unknown>) => text(named(graph, "postgres-router-configuration").inputs);
    for (const port of [6481, 6482, 6483, 6484, 6485]) {
      expect(root(without)).not.toContain(String(port));
      expect(root(monitored)).toContain(String(port));
    }
    expect(job(without)).not.toContain("monitoring");
    expect(job(monitored)).toContain("/etc/monitoring.password");
    expect([router(without), router(monitored)]).toEqual(["[6433,6434]", "[6433,6434,6485]"]);
    expect(configuration(without)).not.toContain("metrics");
    expect(configuration(monitored)).toContain("frontend metrics");
  });

  test("its pooler lets the probe in, with a server connection of its own in one database by each route", () => {
    const file = (graph: Graph<unknown>, name: string) => text(clear(named(graph, `pooler-pgbouncer${name}`).inputs));
    const limits = (graph: Graph<unknown>) =>
      Object.fromEntries(
        [...file(graph, ".ini").matchAll(/n(\w+) = [^\\]*max_db_connections=(\d+)/g)].map(([, alias = "", limit]) => [
          alias,
          Number(limit),
        ]),
      );
    const { app = 0, app_ro = 0 } = limits(without);
    expect(limits(monitored)).toEqual({ app: app + 1, app_ro: app_ro + 1 });
    expect(file(monitored, "-hba.conf")).toContain("hostssl app,app_ro howdah_probe 127.0.0.1/32 scram-sha-256");
    expect(file(without, "-hba.conf")).not.toContain("hostssl app,app_ro howdah_probe");
    expect(file(monitored, "-userlist.txt")).toContain("howdah_probe");
    expect(file(without, "-userlist.txt")).not.toContain("howdah_probe");
    const job = JSON.parse((clear(named(monitored, "backups-job-file").inputs) as { content: string }).content) as {
      monitoring: { probe: unknown };
    };
    expect(job.monitoring.probe).toMatchObject({ user: "howdah_probe", readWrite: "app", readOnly: "app_ro" });
  });

  test("the configuration of PostgreSQL is the same: monitoring restarts no server", () => {
    const configuration = (graph: Graph<unknown>) => clear(named(graph, "postgres-cluster").inputs);
    expect(configuration(monitored)).toEqual(configuration(without));
  });
});

describe("secrets of receivers", () => {
  const word = "word-of-a-receiver";
  const receivers = {
    team: { slack: { url: `https://hooks.example.com/${word}` } },
    hook: { webhook: { url: `https://example.com/${word}`, token: word } },
  };
  let graph: Graph<StackOutputs>;
  beforeAll(async () => {
    graph = await composed({ enabled: true, routing: { receivers } });
  });

  test("are in files of the service user alone, and shown nowhere", () => {
    const holding = graph.registrations.filter(({ inputs }) => text(clear(inputs)).includes(word));
    expect(holding.map(({ name }) => name).sort()).toEqual([
      "monitoring-alertmanager-configuration",
      "monitoring-alertmanager-hook.webhook-token",
      "monitoring-alertmanager-team.slack-url",
    ]);
    for (const { type, inputs } of holding) {
      expect(type).toBe("host:index:File");
      expect(inputs["mode"] ?? "0600").toBe("0600");
      expect(inputs["owner"]).toBeUndefined();
      expect(hidden(inputs["content"])).toBe("[secret]");
    }
  });

  test("but a configuration without one can be read in a preview", async () => {
    const { team } = receivers;
    const open = await composed({ enabled: true, routing: { receivers: { team } } });
    expect(named(open, "monitoring-alertmanager-configuration").inputs["content"]).toContain("slack_configs");
  });
});

test("Prometheus keeps what the config says, and no program has the password in its command line", async () => {
  const graph = await composed({ enabled: true, retention: "36 hours", disk: "1 GB" });
  const { command } = named(graph, "monitoring-prometheus").inputs;
  expect(command).toContain("--storage.tsdb.retention.time=129600s");
  expect(command).toContain("--storage.tsdb.retention.size=1073741824B");
  for (const { type, inputs } of graph.registrations)
    if (type === "host:index:Service") expect(text(clear(inputs))).not.toContain(secretWord);
});
