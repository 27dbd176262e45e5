import { readdir, readFile } from "node:fs/promises";
import { runAsService } from "../process/task";
import { waitFor } from "../retry";
import { readText } from "./files";
import { serviceIdentity } from "./identity";

export interface ProcessInfo {
  readonly pid: number;
  /** Number of the user whose rights it has; undefined when it has ended. */
  readonly uid: number | undefined;
  readonly environment: ReadonlyMap<string, string>;
  readonly command: readonly string[];
}

const fields = async (path: string): Promise<string[]> =>
  (await readFile(path, "utf8").catch(() => "")).split("\0").filter((field) => field !== "");

/** The user whose rights a process has. Real and effective one have to agree: a program on its way down may still be root's. */
async function userOf(pid: number | string): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const [, real, effective] = /^Uid:\s+(\d+)\s+(\d+)/m.exec(status) ?? [];
  return real === undefined || real !== effective ? undefined : Number(real);
}

/** Every process whose environment we may read. */
export async function processes(): Promise<ProcessInfo[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      const pairs = (await fields(`/proc/${pid}/environ`)).map((field): [string, string] => {
        const at = field.indexOf("=");
        return [field.slice(0, at), field.slice(at + 1)];
      });
      const command = await fields(`/proc/${pid}/cmdline`);
      return { pid: Number(pid), uid: await userOf(pid), environment: new Map(pairs), command };
    }),
  );
}

/** Letter of a process's state; undefined if there is none. */
async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // It follows the command, which may itself hold spaces and parentheses.
  return stat?.at(stat.lastIndexOf(")") + 2);
}

/** True while a process exists and is no zombie. */
export async function alive(pid: number): Promise<boolean> {
  return !["Z", "X", undefined].includes(await stateOf(pid));
}

/** True for a process that is stopped by a signal: it exists, and does nothing. */
export async function frozen(pid: number): Promise<boolean> {
  return (await stateOf(pid)) === "T";
}

/**
 * Sends a signal as the service user, who may have written the number that we go by: root's own signal would reach anything.
 * A process that has ended is not an error.
 */
export async function signalProcess(pid: number, signal: NodeJS.Signals): Promise<void> {
  try {
    if (serviceIdentity().prefix.length === 0) process.kill(pid, signal);
    else await runAsService(["sh", "-c", 'kill -s "$1" "$2"', "sh", signal.replace(/^SIG/, ""), String(pid)]);
  } catch (error) {
    if (await alive(pid)) throw error;
  }
}

/** Sends a signal, waits for the process to end, and kills it after `grace` milliseconds. */
export async function endProcess(pid: number, signal: NodeJS.Signals, grace: number): Promise<void> {
  await signalProcess(pid, signal);
  const ended = async (): Promise<true | undefined> => ((await alive(pid)) ? undefined : true);
  if ((await waitFor(ended, { timeout: grace, interval: 50 })) === true) return;
  await signalProcess(pid, "SIGKILL");
  await waitFor(ended, { timeout: Infinity, interval: 50 });
}

/** Bytes: PostgreSQL's has eight short lines. */
const longestPidFile = 4096;

/**
 * Process id in the first line of a pid file; undefined if there is none, it is not running, or it is another user's process.
 * @param word has to occur in the command line: a stale file may name what is another's process by now
 */
export async function runningPid(pidFile: string, word: string): Promise<number | undefined> {
  const [line = ""] = (await readText(pidFile, longestPidFile).catch(() => "")).split("\n");
  const pid = Number.parseInt(line, 10);
  if (!Number.isInteger(pid) || pid <= 1 || !(await alive(pid))) return undefined;
  if ((await userOf(pid)) !== serviceIdentity().uid) return undefined;
  return (await fields(`/proc/${pid}/cmdline`)).some((field) => field.includes(word)) ? pid : undefined;
}
