import { type ChildProcess, type ChildProcessByStdio, spawn, type StdioOptions } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { serviceIdentity } from "../system/identity";
import { kB, minute } from "../units";
import { type Command, signalGroup } from "./command";

/** A program that does not outlive us: the kernel kills it when we exit, even after SIGKILL. */
export interface Task extends Command {
  /**
   * The service user: with a session of its own (with root's terminal as its own, that user could type there), and without root's
   * environment. Default: who we are.
   */
  readonly user?: "service";
  /** Whether it runs with the lowest CPU and I/O priority. Default false. */
  readonly lowPriority?: boolean;
  /** What the program is sent when we end before it, however we end. Default `TERM`. */
  readonly deathSignal?: "TERM" | "QUIT" | "INT" | "KILL";
  readonly signal?: AbortSignal | undefined;
  /** Text for standard input: the way for secrets and SQL, since arguments are visible to every user. For `run`. */
  readonly input?: string;
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A program that ended with a code other than 0; the message holds the last 12 lines of what it said. */
export class ProgramError extends Error {
  constructor(
    readonly program: string,
    readonly code: number | string,
    readonly output: string,
  ) {
    const said = output.trim().split("\n").slice(-12).join("\n");
    super(`${program} failed (${code})${said === "" ? "" : `: ${said}`}`);
  }
}

const low = ["nice", "-n", "19", "ionice", "-c", "3"] as const;

/** Of our environment, what finds programs and says where and when we are. */
const harmless: readonly string[] = ["PATH", "HOME", "TZ", "TMPDIR", "LD_LIBRARY_PATH"];

/** Our environment without what may name or hold credentials: for what runs the code of others. */
export const harmlessEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => harmless.includes(name)));

/** The whole command line. setpriv starts from a clean environment, so `env` brings the variables; a change of user undoes `--pdeathsig`. */
function tied({ program, args = [], user, variables, lowPriority = false, deathSignal = "TERM" }: Task): string[] {
  const own = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C.UTF-8", ...variables };
  const asUser = user === undefined ? [] : serviceIdentity().prefix;
  const environment =
    user === undefined ? [] : ["env", ...Object.entries(own).map(([name, value]) => `${name}=${value}`)];
  const argv = [...(lowPriority ? low : []), ...environment, program, ...args];
  return [...asUser, "setpriv", `--pdeathsig=${deathSignal}`, ...argv];
}

/** Starts a program with all three streams as pipes. Its time limit is the caller's to keep. */
export function start(task: Task): Child {
  const { cwd = "/", env = process.env, variables, user, signal } = task;
  const [name = "", ...args] = tied(task);
  const child = spawn(name, args, {
    cwd,
    env: user === undefined ? { ...env, LC_ALL: "C.UTF-8", ...variables } : env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: user !== undefined,
    signal,
  });
  // The program may end before it has read everything; its exit code then tells why.
  child.stdin.on("error", () => undefined);
  return child;
}

/**
 * Waits for the end of a started program; rejects with a `ProgramError` that quotes `said` unless its code is 0. Also one that is
 * aborted is waited for: until it is gone it still writes, and what it leaves cannot be removed.
 */
export async function ended(name: string, child: Child, said: () => string): Promise<void> {
  const code = await new Promise<number | string>((resolve, reject) => {
    let failure: Error | undefined;
    child.on("error", (error) => {
      failure = error;
      // It never ran, and nothing else will be heard of it.
      if (child.pid === undefined) reject(error);
    });
    child.once("close", (exit, signal) => {
      if (failure === undefined) resolve(exit ?? signal ?? "unknown");
      else reject(failure);
    });
  });
  if (code !== 0) throw new ProgramError(name, code, said());
}

/** Characters of standard error that are kept. */
const keptErrors = 256 * kB;

/**
 * Runs a program to its end and returns its standard output, without the newline at its end.
 * @param onLine called with each line of either output, as it comes
 * @throws ProgramError
 */
export async function run(task: Task, onLine?: (line: string) => void): Promise<string> {
  const child = start(task);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (errors = (errors + part).slice(-keptErrors)));
  if (onLine !== undefined)
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", onLine);
  child.stdin.end(task.input ?? "");
  const kill = (): void => {
    if (task.user === undefined) child.kill("SIGKILL");
    else signalGroup(child.pid, "SIGKILL");
  };
  const timer = task.timeout === undefined ? undefined : setTimeout(kill, task.timeout);
  try {
    await ended(task.program, child, () => (errors === "" ? output : errors));
    return output.replace(/\n$/, "");
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a command as the service user, as `run` does. @param options with `timeout`; default 60 000 */
export const runAsService = (
  [program = "", ...args]: readonly string[],
  options: Pick<Task, "input" | "variables" | "timeout" | "signal"> = {},
  onLine?: (line: string) => void,
): Promise<string> => run({ timeout: minute, ...options, program, args, user: "service" }, onLine);

/**
 * Starts a program in a session of its own: neither Ctrl-C nor our end reaches it, and we do not wait for it.
 * @param stdio no pipe for its output, which would break with us
 */
export function startApart({ program, args = [], cwd = "/", env }: Command, stdio: StdioOptions): ChildProcess {
  const child = spawn(program, args, { cwd, env, detached: true, stdio });
  child.unref();
  return child;
}
