import { parametersOf, restoreConfiguration, writeConfiguration } from "../../../../../providers/host/patroni/apply";
import { refusalOf } from "../../../../../providers/host/patroni/trial";
import { FakeCluster } from "../../../../support/fake-cluster";
import { listener } from "../../../../support/plugins/stage";

jest.mock("../../../../../providers/host/patroni/trial");

/** A cluster in memory with a DCS, which merges patches as Patroni does. */
class ConfiguredCluster extends FakeCluster {
  patches: Record<string, unknown>[] = [];
  runs = true;

  constructor(public dcs: Record<string, unknown>) {
    super([], ["node1", "node2"]);
  }

  override configuration(): Promise<Record<string, unknown>> {
    return Promise.resolve(this.dcs);
  }

  override async view() {
    const view = await super.view();
    return this.runs ? view : view.map((one) => ({ ...one, state: "start failed" }));
  }

  override patch(changes: Record<string, unknown>): Promise<void> {
    this.patches.push(changes);
    this.dcs = merged(this.dcs, changes);
    return Promise.resolve();
  }
}

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;
const merged = (from: Tree, changes: Tree): Tree => {
  const all = Object.entries({ ...from, ...changes }).map(([key, value]): [string, unknown] => {
    const [old, change] = [from[key], changes[key]];
    return [key, isTree(old) && isTree(change) ? merged(old, change) : value];
  });
  return Object.fromEntries(all.filter(([, value]) => value !== null));
};

const withParameters = (parameters: Record<string, string>) => ({
  ttl: 20,
  postgresql: { use_slots: true, parameters: { work_mem: "4MB", ...parameters } },
});

const write = (cluster: ConfiguredCluster, parameters: Record<string, string>) => {
  const { context } = listener();
  const operation = { cluster, pooler: undefined, router: undefined, context };
  const configuration = withParameters(parameters);
  return writeConfiguration(operation, { configuration, mark: "howdah.configuration", postgresBin: "/bin" });
};

beforeEach(() => {
  jest.mocked(refusalOf).mockReset().mockResolvedValue(undefined);
});

test("parameters that a server refuses do not get in, and the error has its words", async () => {
  jest.mocked(refusalOf).mockResolvedValue("FATAL:  no huge pages");
  const cluster = new ConfiguredCluster(withParameters({}));
  await expect(write(cluster, { huge_pages: "on" })).rejects.toThrow(
    /FATAL: {2}no huge pages\n.*keeps its current parameters/,
  );
  expect(cluster.patches).toEqual([]);
});

test("what is tried is the whole set, as text", async () => {
  const cluster = new ConfiguredCluster(withParameters({}));
  await write(cluster, { huge_pages: "on" });
  expect(refusalOf).toHaveBeenCalledWith({ work_mem: "4MB", huge_pages: "on" }, { postgresBin: "/bin" });
  expect(parametersOf(cluster.dcs)).toEqual({ work_mem: "4MB", huge_pages: "on" });
});

test("where no server runs, the configuration is written at once: a bad value that is there goes first", async () => {
  jest.mocked(refusalOf).mockResolvedValue("FATAL:  whatever");
  const cluster = new ConfiguredCluster(withParameters({ huge_pages: "on" }));
  cluster.runs = false;
  expect(await write(cluster, { huge_pages: "try" })).toBeUndefined();
  expect(parametersOf(cluster.dcs)).toEqual({ work_mem: "4MB", huge_pages: "try" });
});

test("a configuration without another parameter is not tried", async () => {
  const cluster = new ConfiguredCluster({ ...withParameters({ gone: "1", "howdah.configuration": "a" }), ttl: 30 });
  await write(cluster, { "howdah.configuration": "b" });
  expect(refusalOf).not.toHaveBeenCalled();
  expect(cluster.dcs).toEqual(withParameters({ "howdah.configuration": "b" }));
});

test("nothing is written where nothing differs", async () => {
  const cluster = new ConfiguredCluster(withParameters({}));
  expect(await write(cluster, {})).toBeUndefined();
  expect(cluster.patches).toEqual([]);
});

test("the configuration before is put back as it was, whatever was added", async () => {
  const cluster = new ConfiguredCluster({ ...withParameters({ huge_pages: "try" }), foreign: 1 });
  const start = structuredClone(cluster.dcs);
  const before = await write(cluster, { huge_pages: "on", jit: "off" });
  expect(before).toEqual(start);
  cluster.dcs["failsafe_mode"] = true;
  const { context } = listener();
  await restoreConfiguration({ cluster, pooler: undefined, router: undefined, context }, before!);
  expect(cluster.dcs).toEqual(start);
});

test("control: there is no way back to a configuration under which not all servers ran", async () => {
  const cluster = new ConfiguredCluster(withParameters({ huge_pages: "on" }));
  cluster.runs = false;
  expect(await write(cluster, {})).toBeUndefined();
});
