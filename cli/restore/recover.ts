import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LocalStackFile } from "../../contracts/stack-file";
import { Failure } from "../../lib/errors";
import type { Context } from "../kit/answer";
import { markForArchive } from "./plan/archive-marks";
import { restoreFiles } from "./files/files";
import type { RestorePlan } from "./plan/plan";
import { whileRoom } from "./files/room";
import { explainEnd } from "./plan/target";
import { RestoredServer } from "./server/server";
import type { Source } from "./plan/source";

export interface Recovery {
  readonly source: Source;
  readonly plan: RestorePlan;
  /** New folder of the cluster's files. */
  readonly dataDirectory: string;
  /** Folder for the socket, made and removed here; short, as a socket's path has to be. */
  readonly socketDirectory: string;
}

/** Throws if replay has made a tablespace: a folder elsewhere, which the servers of one machine would share. */
async function refuseTablespaces(dataDirectory: string): Promise<void> {
  const names = await readdir(join(dataDirectory, "pg_tblspc"));
  if (names.length === 0) return;
  throw new Failure(
    `the restored cluster has tablespaces (${names.join(", ")}), which are outside its folder: a howdah cluster has none. Restore to a time before they were created`,
  );
}

type RecoverOptions = { readonly context: Context; readonly atTarget?: (server: RestoredServer) => Promise<void> };

/**
 * Restores into a new folder and replays to the target, apart from everything that runs. The cluster is shut down cleanly in the end.
 * If it fails, the folder is removed; it also does before its disk is full, as WAL may hold far more than the backup.
 * @param atTarget what to do with the server while it is up, after its promotion
 */
export const recover = (
  job: LocalStackFile,
  recovery: Recovery,
  { context, ...options }: RecoverOptions,
): Promise<void> =>
  whileRoom(dirname(recovery.dataDirectory), { context }, (watched) =>
    perform(job, recovery, { context: watched, ...options }),
  );

async function perform(
  job: LocalStackFile,
  { source, plan, dataDirectory, socketDirectory }: Recovery,
  { context, atTarget }: RecoverOptions,
): Promise<void> {
  const { postgresBin } = job;
  const { chosen: set, target, timeline } = plan;
  let server: RestoredServer | undefined;
  try {
    await mkdir(dataDirectory, { mode: 0o700 });
    await mkdir(socketDirectory, { mode: 0o700 });
    const settings = await restoreFiles(
      {
        from: source,
        set,
        target,
        to: dataDirectory,
        // What this restores serves no client meanwhile: all the processors that there are.
        processes: job.repository.processes * 2,
        lowPriority: false,
        timeline,
      },
      context,
    );
    const how = { throwaway: false, bare: true, settings };
    server = await RestoredServer.start({ postgresBin, dataDirectory, socketDirectory, ...how });
    await server.promoted(context, explainEnd(target));
    await refuseTablespaces(dataDirectory);
    await atTarget?.(server);
    const lastUsed = await server.currentSegment();
    await server.stop("fast");
    await markForArchive(dataDirectory, lastUsed);
    for (const file of ["howdah.conf", "howdah.hba"]) await rm(join(dataDirectory, file), { force: true });
  } catch (error) {
    await server?.stop("immediate");
    await rm(dataDirectory, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(socketDirectory, { recursive: true, force: true });
  }
}
