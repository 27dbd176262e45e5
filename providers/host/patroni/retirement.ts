import { leaderOf } from "./cluster";
import { handOver, type Operation } from "./rolling-restart";

export interface Retirement {
  /** Names of the members that stay; the leadership goes to one of them. */
  readonly staying: readonly string[];
  /** Rejects if those that stay do not become healthy: no member leaves then. */
  readonly awaitStaying: () => Promise<unknown>;
  /** Ends a member's Patroni, and with it its server. */
  readonly stop: (member: string) => Promise<void>;
}

/**
 * Takes the members that do not stay out of the cluster, before anything is restarted: Patroni would keep one of them as the
 * synchronous standby, and refuse every switchover to those that stay. A leader among them goes last, and hands over first.
 */
export async function retire(operation: Operation, { staying, awaitStaying, stop }: Retirement): Promise<void> {
  const leaving = operation.cluster.members.map(({ name }) => name).filter((name) => !staying.includes(name));
  const depart = async (name: string): Promise<void> => {
    operation.context.info(`stopping ${name} to remove it from the cluster`);
    await stop(name);
  };
  await awaitStaying();
  const leader = leaderOf((await operation.cluster.view()) ?? [])?.name;
  for (const name of leaving.filter((one) => one !== leader)) await depart(name);
  if (leader === undefined || !leaving.includes(leader)) return;
  await handOver(operation, staying);
  await awaitStaying();
  await depart(leader);
}
