import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

export interface ProcessInfo {
  readonly pid: number;
  readonly environment: ReadonlyMap<string, string>;
  readonly command: readonly string[];
}

const fields = async (path: string): Promise<string[]> =>
  (await readFile(path, "utf8").catch(() => "")).split("\0").filter((field) => field !== "");

/** Every process whose environment we may read. */
export async function processes(): Promise<ProcessInfo[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      const pairs = (await fields(`/proc/${pid}/environ`)).map((field): [string, string] => {
        const at = field.indexOf("=");
        return [field.slice(0, at), field.slice(at + 1)];
      });
      return { pid: Number(pid), environment: new Map(pairs), command: await fields(`/proc/${pid}/cmdline`) };
    }),
  );
}

/** True while a process exists and is no zombie. */
export async function alive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The state follows the command, which may itself hold spaces and parentheses.
  return stat !== undefined && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Sends a signal, waits for the process to end, and kills it after `grace` milliseconds. */
export async function endProcess(pid: number, signal: NodeJS.Signals, grace: number): Promise<void> {
  signalProcess(pid, signal);
  const end = Date.now() + grace;
  while (await alive(pid)) {
    if (Date.now() > end) signalProcess(pid, "SIGKILL");
    await sleep(50);
  }
}

/**
 * Process id in the first line of a pid file; undefined where there is none or it is not running.
 * @param word has to occur in the command line: a stale file may name what is another's process by now
 */
export async function runningPid(pidFile: string, word: string): Promise<number | undefined> {
  const [line = ""] = (await readFile(pidFile, "utf8").catch(() => "")).split("\n");
  const pid = Number.parseInt(line, 10);
  if (!Number.isInteger(pid) || pid <= 1 || !(await alive(pid))) return undefined;
  return (await fields(`/proc/${pid}/cmdline`)).some((field) => field.includes(word)) ? pid : undefined;
}
