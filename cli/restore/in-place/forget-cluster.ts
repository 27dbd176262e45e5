import { spawn } from "node:child_process";
import type { LocalStackFile, StackFileServer } from "../../../contracts/stack-file";

/**
 * What patronictl asks before it takes a cluster out of etcd; it reads the answers from standard input only. The leader it asks for
 * while its key is there, up to Patroni's ttl after a kill: otherwise nobody reads the last line.
 */
const answers = (job: LocalStackFile, leader: StackFileServer): string =>
  [job.stack, "Yes I am aware", leader.name, ""].join("\n");

/**
 * Takes the cluster out of etcd: its leader, its history and its last LSN are those of files that are no longer there.
 * @param leader the server that was the primary
 */
export function forgetCluster(job: LocalStackFile, leader: StackFileServer): Promise<void> {
  const child = spawn(job.patronictl, ["-c", leader.patroniFile, "remove", job.stack], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.on("error", () => undefined);
  child.stdin.end(answers(job, leader));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`patronictl remove failed (${code ?? "?"}): ${said.trim()}`));
    });
  });
}
