import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";

/** Text of a file of /proc; empty if its process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Fields of `/proc/PID/stat` from the third on: the second is the command, which may itself hold spaces. */
const fieldsOf = (pid: number): string[] => {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
};

/** A process and the moment of its start: a number alone may be another process's later. Undefined if there is none. */
export function markOf(pid: number): string | undefined {
  const started = fieldsOf(pid)[19];
  return started === undefined ? undefined : `${pid} ${started}`;
}

/** Words of the command line; PostgreSQL writes what a process does into them. */
export const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();

const allPids = (): number[] =>
  list("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

export const childrenOf = (pid: number): number[] =>
  allPids().filter((candidate) => fieldsOf(candidate)[1] === String(pid));

/** User that a process runs as; undefined if there is none. */
const userOf = (pid: number): number | undefined => statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;

/** Processes of our own user that run a program with each of the words among its arguments, word for word. */
export const processesOf = (program: string, args: readonly string[]): number[] =>
  allPids().filter((pid) => {
    const [path = "", ...argv] = read(`/proc/${pid}/cmdline`).split("\0");
    if (basename(path) !== program || !args.every((word) => argv.includes(word))) return false;
    return userOf(pid) === process.getuid?.();
  });

/** Process id in the first line of `postmaster.pid`; undefined if it is not a postmaster of that data: the file may be stale. */
export function postmasterOf(dataDirectory: string): number | undefined {
  const pid = Number.parseInt(read(`${dataDirectory}/postmaster.pid`), 10);
  return pid > 1 && commandOf(pid).includes(dataDirectory) ? pid : undefined;
}

/** Context switches of the processes: while this number does not change, they did not run. */
export const switchesOf = (pids: readonly number[]): string =>
  pids
    .flatMap((pid) => list(`/proc/${pid}/task`).map((thread) => read(`/proc/${pid}/task/${thread}/status`)))
    .flatMap((status) => status.match(/^\w*ctxt_switches:.*$/gm) ?? [])
    .join();

/** Sends a signal to each process that is still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
}
