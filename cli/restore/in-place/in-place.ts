import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LocalStackFile } from "../../../contracts/stack-file";
import { Failure } from "../../../lib/errors";
import type { Context } from "../../kit/answer";
import { takeBackup } from "../../pgbackrest/backup";
import { awaitPrimary, needPrimary } from "../../session/primary";
import { primaryOf, query, type SocketServer } from "../../session/sql";
import { keepConfiguration } from "./configuration";
import type { RestorePlan } from "../plan/plan";
import { recover } from "../recover";
import { keepRoles, readRoles } from "./roles";
import { needRoom } from "../files/room";
import type { Source } from "../plan/source";
import { switchApart } from "./switch";
import { writeSwitch } from "./switch-intent";

export interface InPlace {
  readonly source: Source;
  readonly plan: RestorePlan;
  /** File that the job was read from. */
  readonly jobFile: string;
  /** Refuse if what is there now cannot be backed up first. Otherwise that is done only if there is a primary after all. */
  readonly needsSafety: boolean;
}

export interface InPlaceResult {
  /** Backup of what was there before; none if no server was the primary. */
  readonly safety?: string;
  /** First backup of what is there now. */
  readonly fresh: string;
  /** Seconds without writes. */
  readonly downSeconds: number;
}

/** What happens, step by step; for a reader before it does. */
export const describeInPlace = (job: LocalStackFile, safety: boolean, { foreign }: Source): string[] => [
  ...(foreign
    ? [
        "the data come from another cluster, and databases contain code: their functions, triggers and extensions will run here, with superuser rights if a superuser owns them. Only restore from a source that you trust",
      ]
    : []),
  ...(safety
    ? ["a backup of the current data, before anything else"]
    : ["no backup of the current data: no server is the primary"]),
  "the cluster stays available while the backup is restored next to it",
  `then ${job.servers.map(({ name }) => name).join(", ")} are stopped for some seconds, the files switched, and the replicas cloned again`,
  safety
    ? "all commits after the target are lost; passwords, role attributes and the configuration stay as they are today, and no revoked membership comes back"
    : "all commits after the target are lost; passwords, role attributes and memberships come from the backup, the configuration stays as it is today",
  "a backup of the restored cluster",
];

const timelineOf = async (server: SocketServer): Promise<string> => {
  const [row] = await query<{ name: string }>(server, "SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS name");
  return row?.name.slice(0, 8) ?? "";
};

/**
 * Throws unless the cluster is still on its timeline: the one that a failover began meanwhile has the number of the restored one,
 * and the archive takes a history only once.
 */
async function sameTimeline(job: LocalStackFile, before: string, context: Context): Promise<void> {
  const primary = await awaitPrimary(job, context);
  if (primary !== undefined && (await timelineOf(primary)) === before) return;
  throw new Failure(
    "the cluster failed over while the backup was restored; nothing was replaced, run the restore again",
  );
}

/** Puts a restored cluster in the place of the one that runs. */
export async function restoreInPlace(
  job: LocalStackFile,
  { source, plan, jobFile, needsSafety }: InPlace,
  context: Context,
): Promise<InPlaceResult> {
  const primary = await (needsSafety ? needPrimary(job, context) : primaryOf(job));
  const server = job.servers.find(({ name }) => name === primary?.name) ?? job.servers[0];
  if (server === undefined) throw new Error("a job without servers");
  const parent = dirname(server.dataDirectory);
  const dataDirectory = join(parent, "restored");
  // What an interrupted restore left.
  await rm(dataDirectory, { recursive: true, force: true });
  await needRoom(parent, plan.chosen.size);
  const safety =
    primary === undefined ? undefined : await takeBackup(job, { kind: "incr", tier: "preMaintenance" }, context);
  if (safety !== undefined) context.note(`backup ${safety.label} has the current data`);
  const timeline = primary === undefined ? "" : await timelineOf(primary);
  const roles = primary === undefined ? undefined : await readRoles(primary);
  const socketDirectory = join(job.folders.work, `restore-${process.pid}`);
  await recover(
    job,
    { source, plan, dataDirectory, socketDirectory },
    {
      context,
      atTarget: async (restored) => {
        const gone = roles === undefined ? [] : await keepRoles(restored, roles);
        if (gone.length > 0) context.note(`logins that do not exist today come back as NOLOGIN: ${gone.join(", ")}`);
      },
    },
  );
  try {
    await keepConfiguration(server.dataDirectory, dataDirectory);
    context.signal.throwIfAborted();
    if (primary !== undefined) await sameTimeline(job, timeline, context);
  } catch (error) {
    await rm(dataDirectory, { recursive: true, force: true });
    throw error;
  }
  writeSwitch(job, { server: server.name, restored: dataDirectory, foreign: source.foreign, left: "files" });
  const began = performance.now();
  const { writableAt = began, fresh = "" } = await switchApart(job, jobFile, context.note);
  return {
    ...(safety === undefined ? {} : { safety: safety.label }),
    fresh,
    downSeconds: (writableAt - began) / 1000,
  };
}
