import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../../kit/answer";
import { confinedLogin, makeConfinedLogin } from "../../dumps/restore/confined";
import { run } from "../../../lib/process/task";
import { RestoredServer } from "../../restore/server/server";

/** A restore in one transaction writes no WAL then, and what has to be written is written late. */
const settings = { wal_level: "minimal", max_wal_senders: "0", max_wal_size: "4GB", maintenance_work_mem: "256MB" };

/**
 * A new server without any data, for the time of a drill: it is reached by its Unix socket alone, in `folder`. It knows nothing of
 * who we are in the cloud, and has a login for contents that are not to be trusted (`cli/dumps/restore/confined.ts`).
 */
export async function startEmptyServer(postgresBin: string, folder: string, context: Context): Promise<RestoredServer> {
  const dataDirectory = join(folder, "data");
  const socketDirectory = join(folder, "s");
  await mkdir(socketDirectory, { mode: 0o700 });
  const flags = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  const args = [`--pgdata=${dataDirectory}`, ...flags];
  await run({ program: join(postgresBin, "initdb"), args, signal: context.signal });
  const guarded = { logins: [confinedLogin], bare: true, throwaway: true };
  const server = await RestoredServer.start({ postgresBin, dataDirectory, socketDirectory, settings, ...guarded });
  try {
    await server.promoted(context);
    await makeConfinedLogin(server);
    return server;
  } catch (error) {
    await server.stop("immediate");
    throw error;
  }
}
