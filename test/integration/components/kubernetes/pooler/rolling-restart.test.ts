import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { core } from "@pulumi/kubernetes/types/input";
import { Client } from "pg";
import { drainOf } from "../../../../../components/kubernetes/pooler/drain";
import { image, paths as podPaths } from "../../../../../components/kubernetes/kit/image";
import { poolerFiles } from "../../../../../components/kubernetes/pooler/files";
import { poolerPod } from "../../../../../components/kubernetes/pooler/pod";
import { kubernetesSchema } from "../../../../../components/kubernetes/schema";
import { lookupTable } from "../../../../../components/pgbouncer/auth-query/table";
import { routesText } from "../../../../../contracts/read-routes";
import { poolerSchema } from "../../../../../components/pgbouncer/schema";
import { connectionBudget } from "../../../../../components/capacity/connections";
import { databasesSchema } from "../../../../../components/postgres/schema";
import { scramVerifier } from "../../../../../components/postgres/access/logins/scram";
import { runSteps } from "../../../../../providers/host/remote-sql";
import { Balancer } from "../../../../support/servers/routing/balancer";
import { copyCommand } from "../../../../support/servers/backups/job-command";
import { onLoopback, podPathsAt } from "../../../../support/clouds/pod-files";
import {
  asServer,
  type Render,
  startPooler,
  type ThrowawayPooler,
} from "../../../../support/servers/routing/throwaway-pooler";
import type { ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { startTlsPostgres, tlsFolder, type TlsFolder } from "../../../../support/servers/postgres/tls-postgres";

const run = promisify(execFile);
const databases = databasesSchema.parse({ shop: { applications: { web: { pool: 12 } } } });
const verifierOf = (password: string): string => scramVerifier(password, randomBytes(16).toString("base64"));

let folder: TlsFolder;
let server: ThrowawayPostgres;
let service: Balancer;
let pods: ThrowawayPooler[] = [];
let started = 0;
/** The `howdah` command, as one file. */
let command: string;

const given = () => ({
  input: {
    budget: connectionBudget(databases),
    databases: ["shop"],
    limits: { query: 60, idleTransaction: 60 },
    network: { allow: [{ cidr: "127.0.0.1/32", reason: "the test" }] },
    pooler: poolerSchema.parse({}),
    preparedStatements: 50,
  },
  settings: kubernetesSchema.parse({ context: "test", image: "registry.example.com/howdah:1" }),
});

/** The files that a pod gets, with other folders, and an address of its own: here two pods share one machine. */
const render: Render = (scope) => {
  const at = podPathsAt(scope);
  const primary = { host: "localhost", port: server.port };
  const files = poolerFiles(given(), { primary, readTargets: [primary] }, at);
  return { ...files, ini: onLoopback(files.ini, scope), routes: routesText(files.route, [], 0) };
};

const startPod = (): Promise<ThrowawayPooler> =>
  startPooler(folder, { name: `pod-${++started}`, render, password: "pooler-password" });

beforeAll(async () => {
  folder = await tlsFolder();
  server = await startTlsPostgres(folder);
  const verifiers = { web: verifierOf("web-password"), howdah_pooler: verifierOf("pooler-password") };
  await server.sql(
    "postgres",
    `CREATE ROLE master LOGIN CREATEROLE CREATEDB PASSWORD 'master-password';
     CREATE ROLE web LOGIN PASSWORD '${verifiers.web}'; CREATE ROLE howdah_pooler LOGIN PASSWORD '${verifiers.howdah_pooler}'`,
  );
  await server.sql("postgres", "CREATE DATABASE shop OWNER master");
  await server.sql("shop", "CREATE TABLE done (at timestamptz DEFAULT clock_timestamp()); GRANT INSERT ON done TO web");
  const login = { username: "master", password: "master-password", database: "shop" };
  const at = { host: "localhost", port: server.port, sslmode: "verify-full", caFile: folder.caFile, ...login } as const;
  await runSteps(at, lookupTable({ database: "shop" }).apply(verifiers), new AbortController().signal);
  command = join(folder.path, "howdah.cjs");
  await copyCommand(command);
  await folder.write("transaction.sql", "BEGIN;\nINSERT INTO done DEFAULT VALUES;\nSELECT pg_sleep(0.03);\nCOMMIT;\n");
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

beforeEach(async () => {
  service = await Balancer.start();
  pods = await Promise.all([startPod(), startPod()]);
  for (const { port } of pods) service.add(port);
  await server.sql("shop", "TRUNCATE done");
});

afterEach(async () => {
  await service.stop();
  await Promise.all(pods.map((pod) => pod.stop("SIGQUIT")));
});

/** What pgbench says of one run. */
interface Run {
  readonly transactions: number;
  readonly complaints: string;
}

async function pgbench(options: readonly string[]): Promise<Run> {
  const { stdout: bin } = await run("sh", ["-c", "ls /usr/lib/postgresql/*/bin/pgbench | sort -V | tail -1"]);
  // A thread for each client: while one connects, its thread's others stand still, in the middle of a transaction.
  const script = [
    "-n",
    "-f",
    join(folder.path, "transaction.sql"),
    "-c",
    "4",
    "-j",
    "4",
    "-T",
    "1",
    ...options,
    "shop",
  ];
  const environment = { PGHOST: "localhost", PGPORT: String(service.port), PGUSER: "web", PGPASSWORD: "web-password" };
  const tls = { PGSSLMODE: "verify-full", PGSSLROOTCERT: folder.caFile };
  const ended = await run(bin.trim(), script, { env: { ...process.env, ...environment, ...tls } }).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  const figure = (pattern: RegExp): number => Number(pattern.exec(ended.stdout)?.[1] ?? 0);
  const failed = figure(/number of failed transactions: (\d+)/);
  // It tells of its version and of what it skips on standard error, too.
  const complaints = ended.stderr.split("\n").filter((line) => /error|abort|fatal/i.test(line));
  return {
    transactions: figure(/number of transactions actually processed: (\d+)/),
    complaints: [...complaints, ...(failed > 0 ? [`${failed} failed`] : [])].join("\n"),
  };
}

/** Clients that keep a connection for a second, as a pool with that `recycle` does, and clients that come again each time. */
async function underLoad(work: () => Promise<void>): Promise<Run> {
  let over = false;
  const load = async (options: readonly string[]): Promise<Run> => {
    let total: Run = { transactions: 0, complaints: "" };
    while (!over) {
      const one = await pgbench(options);
      total = { transactions: total.transactions + one.transactions, complaints: total.complaints + one.complaints };
    }
    return total;
  };
  const loads = Promise.all([load([]), load(["-C"])]);
  await pause(500);
  await work().finally(() => {
    over = true;
  });
  const [keeping, coming] = await loads;
  expect(Math.min(keeping.transactions, coming.transactions)).toBeGreaterThan(0);
  return {
    transactions: keeping.transactions + coming.transactions,
    complaints: keeping.complaints + coming.complaints,
  };
}

/** The preStop of the pod, as its user, with this test's places for those of the image. */
async function preStop(pod: ThrowawayPooler): Promise<void> {
  const { input, settings } = given();
  const spec = poolerPod({ input: { ...input, stack: "test" }, settings, drain: drainOf(input) });
  const containers = spec.containers as core.v1.Container[];
  const hook = containers.find(({ name }) => name === "pgbouncer")?.lifecycle as core.v1.Lifecycle;
  const words = (hook.preStop as core.v1.LifecycleHandler).exec as { command: string[] };
  const scope = `--settle "1 second" --port ${pod.port} --socket-directory ${pod.socketDirectory}`;
  const howdah = await folder.write(`${pod.pid}.sh`, `exec "${process.execPath}" "${command}" "$@" ${scope}\n`);
  const there = words.command.map((word) =>
    word.replaceAll(image.howdah, `sh ${howdah}`).replaceAll(podPaths.run, pod.socketDirectory),
  );
  const [file, rest] = asServer(there);
  await run(file, rest, { cwd: "/" });
}

/** What Kubernetes does to each pod of the set: out of the endpoints, its preStop, a signal; then its replacement. */
async function replaceAll(end: (pod: ThrowawayPooler) => Promise<void>): Promise<void> {
  for (const [at, old] of [...pods.entries()]) {
    // The removal takes effect while the pod drains already.
    const removal = pause(300).then(() => {
      service.remove(old.port);
    });
    await Promise.all([removal, end(old)]);
    const fresh = await startPod();
    pods[at] = fresh;
    service.add(fresh.port);
  }
  await pause(500);
}

const committed = async (): Promise<number> =>
  (await server.sql<{ n: number }>("shop", "SELECT count(*)::int AS n FROM done"))[0]!.n;

test("a rolling restart fails no transaction of clients that recycle their connections", async () => {
  const before = [...pods];
  const { transactions, complaints } = await underLoad(() =>
    replaceAll(async (pod) => {
      await preStop(pod);
      await pod.stop("SIGTERM");
    }),
  );
  expect(complaints).toBe("");
  expect(await committed()).toBe(transactions);
  expect(before.map((pod) => pod.ended())).toEqual([true, true]);
  for (const pod of pods) {
    const [shop] = (await pod.console("SHOW STATS")).filter(({ database }) => database === "shop");
    expect(Number(shop?.["total_xact_count"])).toBeGreaterThan(0);
  }
}, 120_000);

test.each(["SIGQUIT", "SIGINT"] as const)(
  "without draining, the same clients do fail on %s: the control",
  async (signal) => {
    const { complaints } = await underLoad(() => replaceAll((pod) => pod.stop(signal)));
    expect(complaints).toMatch(/server closed the connection|terminat|aborted|SSL/);
  },
  120_000,
);

describe("a client that never leaves", () => {
  const clients: Client[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end().catch(() => undefined)));
  });

  async function client(port: number): Promise<Client> {
    const ssl = { ca: readFileSync(folder.caFile, "utf8") };
    const made = new Client({ host: "localhost", port, database: "shop", user: "web", password: "web-password", ssl });
    made.on("error", () => undefined);
    clients.push(made);
    await made.connect();
    return made;
  }

  test("ends its transaction when the grace is over, and loses its connection after it", async () => {
    const [pod] = pods as [ThrowawayPooler];
    const [busy, idle] = [await client(pod.port), await client(pod.port)];
    await busy.query("BEGIN");
    await busy.query("INSERT INTO done DEFAULT VALUES");
    const stopped = pod.stop("SIGINT");
    while (!pod.log().includes("SIGINT")) await pause(10);
    // What comes now is held, and never reaches the server.
    const held = idle.query("INSERT INTO done DEFAULT VALUES").then(() => "ran", () => "failed"); // prettier-ignore
    await pause(300);
    expect(pod.ended()).toBe(false);
    await busy.query("COMMIT");
    await stopped;
    expect(await held).toBe("failed");
    expect(await committed()).toBe(1);
    await expect(busy.query("SELECT 1")).rejects.toThrow();
  });

  test("is cut in the middle of its transaction by SIGQUIT: the control", async () => {
    const [pod] = pods as [ThrowawayPooler];
    const busy = await client(pod.port);
    await busy.query("BEGIN");
    await busy.query("INSERT INTO done DEFAULT VALUES");
    await pod.stop("SIGQUIT");
    await expect(busy.query("COMMIT")).rejects.toThrow();
    expect(await committed()).toBe(0);
  });
});
