import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import type { Job } from "../components/backup/job";
import { attach } from "../tools/process";

/** Words of a command line without those that named the stack: the job's file takes their place. */
export function ownWords(words: readonly string[]): string[] {
  const own: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--stack" || word === "--job-file") at++;
    else if (!word.startsWith("--stack=") && !word.startsWith("--job-file=")) own.push(word);
  }
  return own;
}

/** What the servers' user may see of our environment: nothing of the engine's, whose passphrase opens every secret of the stack. */
export const ownEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("PULUMI_")));

/**
 * Root's work is done by the servers' user: PostgreSQL refuses root, and what root would write that user could not read.
 * @returns the exit code of the command as that user; undefined where we are it already
 */
export async function asOwner(
  { job, file }: { readonly job: Job; readonly file: string },
  words: readonly string[],
): Promise<number | undefined> {
  const { uid, gid } = statSync(file);
  if (process.getuid?.() !== 0 || uid === 0) return undefined;
  const home = execFileSync("getent", ["passwd", String(uid)], { encoding: "utf8" }).split(":")[5] ?? "/";
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, "--init-groups"];
  const args = [...identity, ...job.program, "--job-file", file, ...ownWords(words)];
  const env = { ...ownEnvironment(process.env), HOME: home, HOWDAH_CWD: process.cwd() };
  return attach({ program: "setpriv", args, cwd: "/", env });
}
