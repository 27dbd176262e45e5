import { leaderOf } from "./cluster";
import { handOver, type Operation } from "./rolling-restart";

export interface Retirement {
  /** Names of the members that stay; the leadership goes to one of them. */
  readonly staying: readonly string[];
  /** Rejects where those that stay do not become healthy: nobody leaves then. */
  readonly awaitStaying: () => Promise<unknown>;
  /** Ends a member's Patroni, and with it its server. */
  readonly stop: (member: string) => Promise<void>;
}

/**
 * Takes the members that do not stay out of the cluster: a leader among them hands over first. They go before anything is
 * restarted. Patroni would keep one of them as the synchronous standby, and refuse every switchover to those that stay.
 */
export async function retire(operation: Operation, { staying, awaitStaying, stop }: Retirement): Promise<void> {
  const leader = leaderOf((await operation.cluster.view()) ?? []);
  if (leader !== undefined && !staying.includes(leader.name)) await handOver(operation, staying);
  await awaitStaying();
  const leaving = operation.cluster.members.map(({ name }) => name).filter((name) => !staying.includes(name));
  for (const name of leaving) {
    operation.context.info(`stopping ${name}, which leaves the cluster`);
    await stop(name);
  }
}
