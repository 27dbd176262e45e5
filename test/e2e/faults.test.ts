import { readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { discard } from "../support/stack/discard";
import { leaderOf } from "../support/stack/members";
import {
  crash,
  type Node,
  nodeProcesses,
  patroniProcesses,
  postmasterOf,
  rolesOf,
  signal,
} from "../support/stack/nodes";
import { servicePid, supervisorctl } from "../support/stack/processes";
import { smallConfig, superuser, TestStack } from "../support/stack/stack";
import { TransactionLoad } from "../support/stack/transactions";
import { Writer } from "../support/stack/writer";

const stack = new TestStack("e2e-faults", smallConfig(7800));

/** Seconds that anything here may take; only a bound, no figure of the product. */
const patience = 60;

const isReplica = (name: string) => (view: readonly { name: string; role: string; state: string }[]) =>
  view.some((member) => member.name === name && member.role !== "leader" && member.state === "streaming");

/** Nodes that are not in recovery, asked directly. */
async function primaries(): Promise<string[]> {
  const { nodes } = await stack.outputs();
  const answers = await Promise.all(
    nodes.map(async ({ name, port }) => ({
      name,
      inRecovery: await superuser(stack, port, "SELECT pg_is_in_recovery()"),
    })),
  );
  return answers.filter(({ inRecovery }) => inRecovery === "f").map(({ name }) => name);
}

async function replicaAgain(node: Node): Promise<void> {
  const view = await stack.awaitMembers(isReplica(node.name), patience);
  const timeline = leaderOf(view)?.timeline;
  expect(timeline).toBeGreaterThan(0);
  await stack.awaitMembers(
    (members) => members.every((member) => member.timeline === leaderOf(members)?.timeline),
    patience,
  );
}

/** Waits until a service has another process than `before` and runs. */
async function revived(service: string, before: number): Promise<void> {
  const end = Date.now() + patience * 1000;
  for (;;) {
    const status = await supervisorctl(stack, "status", service);
    if (status.includes("RUNNING") && (await servicePid(stack, service)) !== before) return;
    if (Date.now() > end) throw new Error(status);
    await sleep(200);
  }
}

beforeAll(async () => {
  await stack.up();
}, 300_000);

afterEach(async () => {
  await Writer.stopAll();
  await TransactionLoad.stopAll();
}, 120_000);

afterAll(async () => {
  await discard(stack);
}, 300_000);

test("after kill -9 of the primary's postmaster writes come back, none is lost, and the old primary follows", async () => {
  const { primary } = await rolesOf(stack);
  const writer = await Writer.start(stack);
  await writer.progress(50, patience);
  const senders = (await superuser(stack, primary.port, "SELECT pid FROM pg_stat_replication")).split("\n").map(Number);
  expect(senders).toHaveLength(2);
  // The worst moment: a commit is on the primary's disk and waits for a replica.
  signal(senders, "SIGSTOP");
  try {
    await sleep(500);
    crash(primary);
  } finally {
    signal(senders, "SIGCONT");
  }
  await stack.awaitMembers((view) => ![undefined, primary.name].includes(leaderOf(view)?.name), patience);
  await writer.progress(50, patience);
  await replicaAgain(primary);
  const report = await writer.stop();
  expect(report.lost).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(100);
}, 240_000);

test("a primary frozen with all its processes for 40 s and woken again loses no write and becomes a replica", async () => {
  const { primary } = await rolesOf(stack);
  const postmaster = postmasterOf(primary);
  const writer = await Writer.start(stack);
  await writer.progress(50, patience);
  const frozen = nodeProcesses(stack, primary);
  expect(frozen).toContain(postmaster);
  signal(frozen, "SIGSTOP");
  const began = Date.now();
  try {
    await writer.progress(50, patience);
    await sleep(Math.max(0, began + 40_000 - Date.now()));
  } finally {
    signal(frozen, "SIGCONT");
  }
  await replicaAgain(primary);
  await writer.progress(50, patience);
  expect(await primaries()).toEqual([leaderOf(await stack.members())?.name]);
  const report = await writer.stop();
  expect(report.lost).toEqual([]);
}, 240_000);

const postgres = smallConfig(7800)["postgres"] as object;

test.each([
  ["raised: replicas first, then a switchover", { max_connections: 60 }, "switchover from"],
  ["lowered: the primary first, in place", {}, "in place"],
])(
  "max_connections is %s, and no client of either route sees a failed transaction",
  async (_how, parameters, step) => {
    await rolesOf(stack);
    const load = await TransactionLoad.start(stack);
    stack.config = { ...stack.config, postgres: { ...postgres, parameters } };
    const run = await stack.up();
    const report = await load.stop();
    expect(run.output).toContain("restarting replica");
    expect(run.output).toContain(step);
    expect(report.failed).toEqual([]);
    expect(report.committed).toBeGreaterThan(100);
    const { nodes } = await stack.outputs();
    const shown = await Promise.all(nodes.map(({ port }) => superuser(stack, port, "SHOW max_connections")));
    expect(new Set(shown).size).toBe(1);
    expect(shown.includes("60")).toBe("max_connections" in parameters);
  },
  240_000,
);

test.each(["pgbouncer", "haproxy", "etcd1"])(
  "%s comes back after kill -9, and no committed row is lost",
  async (service) => {
    const { primary } = await rolesOf(stack);
    const writer = await Writer.start(stack);
    const pid = await servicePid(stack, service);
    signal([pid], "SIGKILL");
    await revived(service, pid);
    await writer.progress(50, patience);
    expect((await writer.stop()).lost).toEqual([]);
    expect((await rolesOf(stack)).primary.name).toBe(primary.name);
  },
  120_000,
);

test("Patroni of the primary comes back after kill -9 without a failover", async () => {
  const { primary } = await rolesOf(stack);
  const postmaster = postmasterOf(primary);
  const writer = await Writer.start(stack);
  const service = `patroni-${primary.name}`;
  const pid = await servicePid(stack, service);
  expect(patroniProcesses(stack, primary)).toContain(pid);
  signal([pid], "SIGKILL");
  await revived(service, pid);
  await writer.progress(50, patience);
  expect((await writer.stop()).lost).toEqual([]);
  expect((await rolesOf(stack)).primary.name).toBe(primary.name);
  expect(postmasterOf(primary)).toBe(postmaster);
}, 120_000);

test("a replica whose data directory is gone is cloned again by itself", async () => {
  const [replica] = (await rolesOf(stack)).replicas;
  const service = `patroni-${replica!.name}`;
  const writer = await Writer.start(stack);
  await supervisorctl(stack, "stop", service);
  try {
    expect(postmasterOf(replica!)).toBeUndefined();
    rmSync(replica!.dataDirectory, { recursive: true });
  } finally {
    await supervisorctl(stack, "start", service);
  }
  await replicaAgain(replica!);
  expect((await writer.stop()).lost).toEqual([]);
  expect(await superuser(stack, replica!.port, "SELECT count(*) > 0 FROM pg_stat_wal_receiver")).toBe("t");
}, 120_000);

/** What the guards of all nodes say they have killed. */
async function killedByGuards(): Promise<string[]> {
  const { nodes } = await stack.outputs();
  const logs = nodes.map(({ name }) => readFileSync(stack.path("log", `guard-${name}.log`), "utf8"));
  return logs
    .join("")
    .split("\n")
    .filter((line) => line.includes("hangs"));
}

test("a healthy server that has no connection left is not taken for a hung one", async () => {
  const { primary } = await rolesOf(stack);
  const postmaster = postmasterOf(primary);
  const most = Number(await superuser(stack, primary.port, "SHOW max_connections"));
  // Longer than a guard waits.
  const sessions = Array.from({ length: most }, () =>
    superuser(stack, primary.port, "SELECT pg_sleep(15)").catch((error: unknown) => (error as Error).message),
  );
  expect((await Promise.all(sessions)).join()).toContain("too many clients");
  expect(postmasterOf(primary)).toBe(postmaster);
  expect(await killedByGuards()).toEqual([]);
}, 120_000);

test("a hung postmaster, which Patroni does not notice, is ended, and a replica takes over without a loss", async () => {
  const { primary } = await rolesOf(stack);
  const postmaster = postmasterOf(primary)!;
  const writer = await Writer.start(stack);
  signal([postmaster], "SIGSTOP");
  try {
    await stack.awaitMembers((view) => ![undefined, primary.name].includes(leaderOf(view)?.name), patience);
  } finally {
    signal([postmaster], "SIGCONT");
  }
  await writer.progress(50, patience);
  await replicaAgain(primary);
  expect((await writer.stop()).lost).toEqual([]);
  expect(await killedByGuards()).toEqual([expect.stringContaining(`(process ${postmaster}) hangs`)]);
}, 120_000);

test("after all that, nothing is to be done", async () => {
  await rolesOf(stack);
  expect(await stack.plan()).toEqual([]);
}, 120_000);

test("without synchronous commit the crash of the first test loses acknowledged rows, and the writer sees it (control)", async () => {
  stack.config = { ...stack.config, objectives: { rto: "30 seconds", rpo: "5 minutes" } };
  await stack.up();
  const { primary, replicas } = await rolesOf(stack);
  const writer = await Writer.start(stack);
  const senders = (await superuser(stack, primary.port, "SELECT pid FROM pg_stat_replication")).split("\n").map(Number);
  expect(senders).toHaveLength(2);
  // What is committed from here on never leaves the primary.
  signal(senders, "SIGSTOP");
  await writer.progress(100, patience);
  const newest = `SELECT max(row) FROM app.acknowledged WHERE run = '${writer.run}'`;
  const places = replicas.map(({ port }) => superuser(stack, { port, database: "app" }, newest));
  const replayed = (await Promise.all(places)).map(Number);
  signal([postmasterOf(primary)!, ...senders], "SIGKILL");
  const acknowledged = writer.count;
  await stack.awaitMembers((view) => ![undefined, primary.name].includes(leaderOf(view)?.name), patience);
  await writer.progress(50, patience);
  const { lost } = await writer.stop();
  expect(lost.length).toBeGreaterThan(90);
  // Only what the replica lacked, and nothing that it had: the control is about the replicas that lag, nothing else.
  expect(replayed.map((row) => row + 1)).toContain(Math.min(...lost));
  expect(Math.max(...lost)).toBeLessThanOrEqual(acknowledged + 1);
}, 240_000);
