import type { LocalStackFile, StackFileServer } from "../../../contracts/stack-file";
import { ProgramError, run } from "../../../lib/process/task";

/**
 * What patronictl asks before it takes a cluster out of etcd; it reads the answers from standard input only. The leader it asks for
 * while its key is there, up to Patroni's ttl after a kill: otherwise the last line is not read.
 */
const answers = (job: LocalStackFile, leader: StackFileServer): string =>
  [job.stack, "Yes I am aware", leader.name, ""].join("\n");

/**
 * Takes the cluster out of etcd: its leader, its history and its last LSN are those of files that are no longer there.
 * @param leader the server that was the primary
 * @throws ProgramError
 */
export async function forgetCluster(job: LocalStackFile, leader: StackFileServer): Promise<void> {
  const args = ["-c", leader.patroniFile, "remove", job.stack];
  await run({ program: job.patronictl, args, input: answers(job, leader) }).catch((error: unknown) => {
    throw error instanceof ProgramError ? new ProgramError("patronictl remove", error.code, error.output) : error;
  });
}
