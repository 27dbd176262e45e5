import { leaderOf } from "../test/support/stack/members";
import { crash, nodeProcesses, rolesOf, signal } from "../test/support/stack/nodes";
import { smallConfig, TestStack } from "../test/support/stack/stack";
import { TransactionLoad } from "../test/support/stack/transactions";
import { Writer } from "../test/support/stack/writer";
import { bench, type Figure, repeated, timed } from "./measure";

const timeout = 120;
const portBase = 8200;
interface Outage {
  readonly gap: number;
  readonly errors: number;
  readonly lost: number;
}

/** What a writer through the pooler sees of a fault that takes the primary away; waits until the cluster is whole again. */
async function outage(stack: TestStack, fault: (stack: TestStack) => Promise<() => void>): Promise<Outage> {
  const { primary } = await rolesOf(stack);
  const writer = await Writer.start(stack);
  await writer.progress(50, timeout);
  const undo = await fault(stack);
  try {
    await stack.awaitMembers((view) => ![undefined, primary.name].includes(leaderOf(view)?.name), timeout);
    await writer.progress(50, timeout);
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
    note: `${sum("lost")} commits lost, ${sum("errors")} errors`,
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
    note: `${failed} transactions failed`,
  };
}

async function measure(stack: TestStack): Promise<Figure[]> {
  const up = await timed(() => stack.up());
  const preview = await repeated(() => timed(() => stack.plan()));
  const second = await repeated(() => timed(() => stack.up()));
  const crashes = await repeated(() => outage(stack, killed));
  const freezes = await repeated(() => outage(stack, frozen));
  return [
    { what: "up of a new stack, everything downloaded", seconds: [up], note: "" },
    { what: "preview, nothing to do", seconds: preview, note: "" },
    { what: "up, nothing to do", seconds: second, note: "" },
    figureOf("writes away after kill -9 of the primary's postmaster", crashes),
    figureOf("writes away after the whole primary node is frozen", freezes),
    await switchovers(stack),
  ];
}

bench(new TestStack("e2e-bench", smallConfig(portBase)), measure);
