import type { Client } from "pg";
import { Refusal } from "../../lib/errors";
import { withAdvisoryLock } from "../../lib/sql/session";
import { socketLogins } from "../../components/backup/socket-logins";
import type { Context } from "../kit/answer";
import type { StackFile } from "../../contracts/stack-file";
import { asLogin, type DatabaseServer, inSession, isRemote, serverOf } from "../session/sql";
import { bloatedIndexes, invalidIndexes } from "./indexes";
import { perform } from "./perform";
import type { Done, Skipped, Task } from "./task";
import { tablesToVacuum } from "./vacuum";

export interface MaintenanceRequest {
  /** Rebuild indexes, instead of vacuuming tables. */
  readonly reindex: boolean;
  /** Milliseconds for everything. */
  readonly limit: number;
  readonly dryRun: boolean;
}

/** What was done in one database, or would be. */
export interface DatabaseMaintenance {
  readonly database: string;
  readonly tasks: readonly (Task | Done)[];
  readonly skipped: readonly Skipped[];
}

/** Of the advisory lock of a run: the first bytes of "howdah", and 1 for maintenance. */
const lock = [0x686f7764, 1] as const;

/** @throws Refusal if another run holds the lock */
const alone = <T>(server: DatabaseServer, work: (keeper: Client) => Promise<T>): Promise<T> =>
  inSession(server, (keeper) => {
    const held = (): Error => new Refusal("another maintenance run is in progress on this server");
    return withAdvisoryLock(keeper, { key: lock, held }, () => work(keeper));
  });

/** What is due, before anything is done. What earlier rebuilds have left comes last: it costs room, and no time. */
async function plan(client: Client, { reindex }: MaintenanceRequest): Promise<{ tasks: Task[]; skipped: Skipped[] }> {
  await client.query("SET lock_timeout = 2000");
  const found = reindex ? [await invalidIndexes(client), await bloatedIndexes(client)] : [await tablesToVacuum(client)];
  const tasks = found.flatMap((one) => one.tasks);
  return {
    tasks: [...tasks.filter(({ kind }) => kind !== "drop"), ...tasks.filter(({ kind }) => kind === "drop")],
    skipped: found.flatMap((one) => one.skipped),
  };
}

/**
 * Vacuums the tables that need it, or rebuilds invalid and bloated indexes, database by database, in one session and alone. What the
 * time does not suffice for is left for the next run.
 * @throws Refusal if there is no primary, or another run is at work; the reason of the signal
 */
export async function maintain(
  job: StackFile,
  request: MaintenanceRequest,
  context: Context,
): Promise<DatabaseMaintenance[]> {
  const primary = await serverOf(job);
  if (primary === undefined) throw new Refusal("no server of the cluster is the primary: nothing to maintain");
  // Never the superuser: vacuum and rebuilds call functions of the owners', in indexes and statistics.
  const server = isRemote(primary) ? primary : asLogin(primary, socketLogins.maintenance);
  const end = Date.now() + request.limit;
  return alone(server, async (keeper) => {
    const all: DatabaseMaintenance[] = [];
    for (const database of job.databases) {
      const one = await inSession(
        server,
        async (worker) => {
          const { tasks, skipped } = await plan(worker, request);
          if (request.dryRun) return { database, tasks, skipped };
          const done: Done[] = [];
          for (const task of tasks) {
            context.signal.throwIfAborted();
            done.push(await perform({ worker, keeper }, task, { ...context, end, whole: request.limit }));
          }
          context.signal.throwIfAborted();
          return { database, tasks: done, skipped };
        },
        database,
      );
      all.push(one);
    }
    return all;
  });
}
