import { awaitTaken } from "../../../../../providers/host/patroni/applied";
import { FakeCluster } from "../../../../support/fake-cluster";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { listener } from "../../../../support/plugins/stage";

let postgres: ThrowawayPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const query = (sql: string): Promise<unknown> => postgres.sql("postgres", sql);
/** What a server shows once it has read the configuration of that name. */
const show = (value: string): Promise<unknown> =>
  query(`ALTER DATABASE postgres SET howdah.configuration = '${value}'`);

/** Starts to wait for a configuration; `settled` says whether that has ended. */
function waiting(cluster: FakeCluster, value: string) {
  const { socketDirectory } = postgres;
  const { context } = listener();
  const operation = { cluster, pooler: undefined, router: undefined, context };
  const outcome = { settled: false, end: Promise.resolve() };
  outcome.end = awaitTaken(operation, { socketDirectory, parameter: "howdah.configuration", value }).then(() => {
    outcome.settled = true;
  });
  return outcome;
}

/** Resolves once the cluster has been looked at this often from now on, or a server several times. */
async function looks(cluster: FakeCluster, atLeast: number): Promise<void> {
  const probe = cluster.view.bind(cluster);
  await new Promise<void>((done) => {
    let seen = 0;
    cluster.view = () => {
      if (++seen === atLeast) done();
      return probe();
    };
  });
}

/** A cluster whose members all have the one server. */
const clusterOf = (...names: string[]): FakeCluster =>
  Object.assign(new FakeCluster([], names), {
    members: names.map((name) => ({ name, host: postgres.host, port: postgres.port, restPort: 1 })),
  });

test("a configuration is taken once the server shows its name", async () => {
  await show("first");
  const outcome = waiting(clusterOf("node1"), "second");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(outcome.settled).toBe(false);
  await show("second");
  await outcome.end;
});

test("a server that Patroni was starting when the configuration changed is made to read it", async () => {
  await show("old");
  const cluster = clusterOf("node1");
  const reloaded = new Promise<void>((done) => {
    cluster.reloaded = done;
  });
  const outcome = waiting(cluster, "new");
  await reloaded;
  expect(outcome.settled).toBe(false);
  await show("new");
  await outcome.end;
});

test("what waits for a restart is waited for until Patroni shows it, of each member", async () => {
  await show("third");
  await query("ALTER SYSTEM SET max_connections = 17");
  await postgres.reload();
  const cluster = clusterOf("node1", "node2");
  const outcome = waiting(cluster, "third");
  await looks(cluster, 3);
  cluster.pending.set("node1", {});
  await looks(cluster, 3);
  expect(outcome.settled).toBe(false);
  cluster.pending.set("node2", {});
  await outcome.end;
});

test("a Patroni that was starting its server when the configuration changed is made to see what waits for a restart", async () => {
  await show("fourth");
  await query("ALTER SYSTEM SET max_connections = 17");
  await postgres.reload();
  const cluster = clusterOf("node1", "node2");
  cluster.pending.set("node1", {});
  const reloads: string[] = [];
  cluster.reload = (name) => {
    reloads.push(name);
    cluster.pending.set(name, {});
    return Promise.resolve();
  };
  await waiting(cluster, "fourth").end;
  expect(reloads).toEqual(["node2"]);
});

test("a server that does not answer is asked until the caller gives up", async () => {
  const leaving = new AbortController();
  const { context } = listener(leaving.signal);
  const cluster = new FakeCluster([], ["node1"]);
  const operation = { cluster, pooler: undefined, router: undefined, context };
  const mark = { socketDirectory: postgres.socketDirectory, parameter: "howdah.configuration", value: "third" };
  const outcome = awaitTaken(operation, mark);
  leaving.abort();
  await expect(outcome).rejects.toThrow();
});
