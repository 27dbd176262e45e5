import { join } from "node:path";
import type { LocalStackFile, StackFileServer } from "../../../contracts/stack-file";
import { startProgram, stopProgram } from "../../../lib/supervisor/supervisor";
import { endProcess, runningPid } from "../../../lib/system/processes";

/** Milliseconds that PostgreSQL gets for a checkpoint and for what it has not archived, as long as Patroni gave it. */
const grace = 120_000;

/**
 * Stops a server, and resolves once nothing writes to its files: if Patroni took too long, supervisord has killed it alone, and the
 * postmaster goes on. One that has stopped already is not an error.
 */
export async function stopServer(
  { supervisor }: LocalStackFile,
  { service, dataDirectory }: StackFileServer,
): Promise<void> {
  await stopProgram({ directory: supervisor }, service);
  const postmaster = await runningPid(join(dataDirectory, "postmaster.pid"), dataDirectory);
  if (postmaster !== undefined) await endProcess(postmaster, "SIGINT", grace);
}

/** Has a server started; one that runs already is not an error. */
export const startServer = ({ supervisor }: LocalStackFile, { service }: StackFileServer): Promise<void> =>
  startProgram({ directory: supervisor }, service);
