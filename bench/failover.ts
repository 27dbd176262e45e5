import { cpus, totalmem } from "node:os";
import Table from "cli-table3";
import { leaderOf } from "../test/support/leader";
import { crash, nodeProcesses, rolesOf, signal } from "../test/support/nodes";
import { smallConfig, TestStack } from "../test/support/stack";
import { TransactionLoad } from "../test/support/transactions";
import { Writer } from "../test/support/writer";

/** One figure: what it is of, and its runs in seconds. */
interface Figure {
  readonly what: string;
  readonly seconds: readonly number[];
  /** What went wrong meanwhile, by count; empty where the figure has no clients. */
  readonly losses: string;
}

const patience = 120;
const portBase = 8200;
const runs = Number(process.env["RUNS"] ?? 3);

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Runs `once` several times, one after the other. */
async function repeated<T>(once: () => Promise<T>, times = runs): Promise<T[]> {
  const results: T[] = [];
  for (let turn = 0; turn < times; turn++) results.push(await once());
  return results;
}

interface Outage {
  readonly gap: number;
  readonly errors: number;
  readonly lost: number;
}

/** What a writer through the pooler sees of a fault that takes the primary away; waits until the cluster is whole again. */
async function outage(stack: TestStack, fault: (stack: TestStack) => Promise<() => void>): Promise<Outage> {
  const { primary } = await rolesOf(stack);
  const writer = await Writer.start(stack);
  await writer.progress(50, patience);
  const undo = await fault(stack);
  try {
    await stack.awaitMembers((view) => ![undefined, primary.name].includes(leaderOf(view)?.name), patience);
    await writer.progress(50, patience);
  } finally {
    undo();
  }
  await rolesOf(stack);
  const report = await writer.stop();
  return { gap: report.longestGap, errors: report.errors.length, lost: report.lost.length };
}

function figureOf(what: string, outages: readonly Outage[]): Figure {
  const sum = (key: "errors" | "lost"): number => outages.reduce((total, one) => total + one[key], 0);
  return {
    what,
    seconds: outages.map(({ gap }) => gap),
    losses: `${sum("lost")} commits lost, ${sum("errors")} errors`,
  };
}

async function killed(stack: TestStack): Promise<() => void> {
  crash((await rolesOf(stack)).primary);
  return () => undefined;
}

async function frozen(stack: TestStack): Promise<() => void> {
  const pids = nodeProcesses(stack, (await rolesOf(stack)).primary);
  signal(pids, "SIGSTOP");
  return () => {
    signal(pids, "SIGCONT");
  };
}

/** A change that needs a restart, each time another value; the clients see the switchover and the replicas' restarts. */
async function switchovers(stack: TestStack): Promise<Figure> {
  const pauses: number[] = [];
  let failed = 0;
  let limit = 60;
  const base = stack.config;
  await repeated(async () => {
    await rolesOf(stack);
    const load = await TransactionLoad.start(stack);
    limit += 10;
    stack.config = { ...base, postgres: { ...(base["postgres"] as object), parameters: { max_connections: limit } } };
    await stack.up();
    const report = await load.stop();
    pauses.push(report.longest);
    failed += report.failed.length;
  });
  return {
    what: "planned switchover, longest transaction of 8 clients",
    seconds: pauses,
    losses: `${failed} transactions failed`,
  };
}

async function measure(stack: TestStack): Promise<Figure[]> {
  const up = await timed(() => stack.up());
  const preview = await repeated(() => timed(() => stack.plan()));
  const second = await repeated(() => timed(() => stack.up()));
  const crashes = await repeated(() => outage(stack, killed));
  const freezes = await repeated(() => outage(stack, frozen));
  return [
    { what: "up of a new stack, everything downloaded", seconds: [up], losses: "" },
    { what: "preview, nothing to do", seconds: preview, losses: "" },
    { what: "up, nothing to do", seconds: second, losses: "" },
    figureOf("writes away after kill -9 of the primary's postmaster", crashes),
    figureOf("writes away after the whole primary node is frozen", freezes),
    await switchovers(stack),
  ];
}

function print(figures: readonly Figure[]): void {
  const table = new Table({ head: ["seconds", "median", "each run", "clients saw"], style: { head: [], border: [] } });
  for (const { what, seconds, losses } of figures)
    table.push([what, median(seconds).toFixed(1), seconds.map((one) => one.toFixed(1)).join(" "), losses]);
  const [{ model } = { model: "unknown processor" }] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  process.stdout.write(`${cpus().length} cores (${model}), ${memory} GB of memory, Node ${process.version}\n`);
  process.stdout.write(`${table.toString()}\n`);
}

async function main(): Promise<void> {
  const stack = new TestStack("e2e-bench", smallConfig(portBase));
  try {
    print(await measure(stack));
  } finally {
    await stack.destroy();
  }
}

void main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
