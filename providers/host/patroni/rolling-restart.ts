import type { Context } from "../../runtime/resource";
import { type Chosen, type PoolerConsole, whilePaused } from "../routing/pooler-console";
import { leads, redirect, type Router, whileWithheld } from "../routing/router";
import { retry, type Timeout, until, waitFor } from "../../../lib/retry";
import { minute } from "../../../lib/units";
import { bestCandidate, isHealthy, leaderOf, lowersFirst, type MemberView, type PatroniCluster } from "./cluster";

export interface Operation {
  readonly cluster: PatroniCluster;
  readonly pooler: PoolerConsole | undefined;
  readonly router: Router | undefined;
  readonly context: Context;
}

/** How often a switchover is asked for. */
const attempts = 3;

async function currentView({ cluster, context }: Operation): Promise<MemberView[]> {
  const view = await waitFor(() => cluster.view(), { timeout: minute, signal: context.signal });
  if (view === undefined) throw new Error("no member of the cluster answers on its REST API");
  return view;
}

/** Waits until every member runs, so that the next step never takes the last healthy replica. */
export async function awaitHealthy(operation: Operation, timeout: number): Promise<MemberView[]> {
  const names = operation.cluster.members.map((member) => member.name);
  let last: MemberView[] = [];
  const healthy = await waitFor(
    async () => {
      last = (await operation.cluster.view()) ?? [];
      operation.context.progress(describe(last));
      return isHealthy(last, names) ? last : undefined;
    },
    { timeout, signal: operation.context.signal },
  );
  if (healthy === undefined) throw new Error(`the cluster is not healthy after ${timeout / 1000} s: ${describe(last)}`);
  return healthy;
}

export const describe = (view: readonly MemberView[]): string =>
  view.length === 0
    ? "waiting for the first member"
    : view.map((member) => `${member.name} ${member.role} ${member.state}`).join(", ");

/**
 * A replica among `allowed` that Patroni lets take over: under synchronous replication the synchronous one only, which
 * Patroni names again within a loop or two after the last one went. Rejects if none streams, or none is named in time.
 */
async function awaitCandidate(operation: Operation, allowed: readonly string[]): Promise<MemberView> {
  const synchronous = await operation.cluster.isSynchronous();
  let view: MemberView[] = [];
  const probe = async (): Promise<{ readonly candidate: MemberView | undefined } | undefined> => {
    view = await currentView(operation);
    const candidate = bestCandidate(view, allowed);
    return synchronous && candidate?.role === "replica" ? undefined : { candidate };
  };
  const found = await waitFor(probe, { timeout: minute, signal: operation.context.signal });
  if (found?.candidate === undefined) throw new Error(`no replica can take over: ${describe(view)}`);
  return found.candidate;
}

type Limits = Timeout & { readonly complaint: string };

/** How long a step is waited for, and what is said if it does not happen: clients wait meanwhile, so it is looked for often. */
const within = ({ context }: Operation, complaint: string, timeout = minute): Limits => ({
  complaint,
  timeout,
  interval: 50,
  signal: context.signal,
});

/**
 * Waits until a member leads.
 * @param refusal why there is nothing to wait for any more; undefined as long as there is
 */
function awaitLeader(
  operation: Operation,
  name: string,
  refusal: () => Error | undefined = () => undefined,
): Promise<void> {
  const leading = async (): Promise<boolean> => {
    // Read before: one that leads by now has not been refused.
    const reason = refusal();
    if (await operation.cluster.leads(name)) return true;
    if (reason !== undefined) throw reason;
    return false;
  };
  return until(leading, within(operation, `${name} does not lead after a minute`));
}

/** Waits until HAProxy sends writes to a member: clients resumed earlier would be refused. */
const awaitRoute = (operation: Operation, name: string): Promise<void> =>
  until(() => leads(operation.router, name), within(operation, `${name} leads, but HAProxy does not route to it`));

/**
 * Hands the leadership to a healthy replica among `allowed` while the pooler holds its clients: those that write, and those
 * that read if there is no third server to read from.
 */
export async function handOver(operation: Operation, allowed: readonly string[]): Promise<void> {
  const { pooler, context } = operation;
  const candidate = await awaitCandidate(operation, allowed);
  const view = await currentView(operation);
  const leader = leaderOf(view);
  if (leader === undefined) throw new Error("the cluster has no leader to switch over from");
  context.info(`switchover from ${leader.name} to ${candidate.name}`);
  const readable = view.some(({ name, state }) => name !== candidate.name && state === "streaming");
  const held: Chosen = (database) => !(readable && isForReads(pooler)(database));
  await withoutReads(operation, candidate.name, () =>
    whilePaused(pooler, () => switchOver(operation, leader.name, candidate.name), held),
  );
}

const isForReads =
  (pooler: PoolerConsole | undefined): Chosen =>
  ({ port }) =>
    port === pooler?.readOnlyPort;

/**
 * Asks for a switchover. Patroni refuses if it has no answer of the candidate in two seconds, and that passes: as long as
 * the old leader leads, it is asked again. If there is no leader, the switchover goes on, whatever the answer was.
 */
async function requestSwitchover({ cluster, context }: Operation, from: string, to: string): Promise<void> {
  await retry({ tries: attempts, pause: 500, signal: context.signal }, async () => {
    try {
      await cluster.switchover(from, to);
    } catch (error) {
      if (await cluster.leads(from)) throw error;
    }
  });
}

/** A switchover, up to the moment in which writes reach the new leader. */
async function switchOver(operation: Operation, from: string, to: string): Promise<void> {
  let refusal: Error | undefined;
  // It answers late: Patroni looks only once a second whether it is done.
  void requestSwitchover(operation, from, to).catch((error: unknown) => {
    refusal = error as Error;
  });
  await awaitLeader(operation, to, () => refusal);
  await redirect(operation.router, to, from);
  await awaitRoute(operation, to);
}

/** Runs `work` on a replica that serves no reads meanwhile: its readers move to another server between two transactions. */
const withoutReads = ({ router, pooler }: Operation, member: string, work: () => Promise<void>): Promise<void> =>
  whileWithheld(router, member, async () => {
    // A pause ends every server connection; the next ones go where HAProxy sends them now.
    await whilePaused(pooler, () => Promise.resolve(), isForReads(pooler));
    await work();
  });

/** Restarts one member as soon as it is not in the middle of something else. */
const restartMember = (operation: Operation, name: string): Promise<void> =>
  until(
    () => operation.cluster.restart(name),
    within(operation, `${name} has been busy with another restart or reinitialization for a minute`),
  );

/** Waits until a replica follows again; one that was promoted meanwhile has no server to follow. */
async function awaitStreaming(operation: Operation, name: string): Promise<void> {
  const { cluster } = operation;
  const follows = async (): Promise<boolean> => (await cluster.streams(name)) || (await cluster.leads(name));
  await until(follows, within(operation, `${name} does not stream 5 minutes after its restart`, 5 * minute));
}

async function restartReplicas(operation: Operation): Promise<void> {
  // Patroni's view keeps one that has left for as long as its key lives.
  const ours = operation.cluster.members.map((member) => member.name);
  const pending = (await currentView(operation)).filter((one) => one.pending_restart === true);
  for (const member of pending.filter((one) => ours.includes(one.name))) {
    if (member.name === leaderOf(await currentView(operation))?.name) continue;
    operation.context.info(`restarting replica ${member.name}`);
    await withoutReads(operation, member.name, async () => {
      await restartMember(operation, member.name);
      await awaitStreaming(operation, member.name);
      await awaitHealthy(operation, 5 * minute);
    });
  }
}

/** Restarts the primary where it is, while the pooler holds its clients. */
async function restartInPlace(operation: Operation, name: string): Promise<void> {
  operation.context.info(`restarting ${name} in place`);
  await whilePaused(operation.pooler, async () => {
    await restartMember(operation, name);
    // HAProxy may have missed it once, and would cut the sessions at the next time.
    await awaitLeader(operation, name);
    await redirect(operation.router, name);
    await awaitRoute(operation, name);
  });
  await awaitReplay(operation, name);
  await awaitHealthy(operation, 5 * minute);
}

/** Waits until every replica has what the primary wrote when it started: only then may theirs be as low as its settings. */
async function awaitReplay(operation: Operation, primary: string): Promise<void> {
  const { cluster } = operation;
  let written = 0;
  const knows = async (): Promise<boolean> => (written = await cluster.position(primary)) > 0;
  await until(knows, within(operation, `${primary} does not report its WAL position a minute after its restart`));
  for (const { name } of cluster.members) {
    const follows = async (): Promise<boolean> => (await cluster.position(name)) >= written;
    await until(follows, within(operation, `${name} does not follow ${primary} a minute after its restart`));
  }
}

/**
 * Restarts whatever Patroni flags, replicas first, then the primary by a switchover. A value that is lowered and that
 * replicas may not undercut (max_connections and its like) goes the other way round: a replica takes it only once the primary has it.
 */
export async function rollingRestart(operation: Operation): Promise<void> {
  const first = leaderOf(await currentView(operation));
  if (first !== undefined && lowersFirst(first)) await restartInPlace(operation, first.name);
  await restartReplicas(operation);
  const view = await awaitHealthy(operation, 5 * minute);
  const leader = leaderOf(view);
  if (leader?.pending_restart !== true) return;
  const others = operation.cluster.members.map((member) => member.name).filter((name) => name !== leader.name);
  if (bestCandidate(view, others) !== undefined) {
    await handOver(operation, others);
    await awaitHealthy(operation, 5 * minute);
    await restartReplicas(operation);
  }
  // One value raised and another lowered: the new primary still has the old, higher one.
  const last = leaderOf(await currentView(operation));
  if (last?.pending_restart !== true) return;
  await restartInPlace(operation, last.name);
  await restartReplicas(operation);
}
