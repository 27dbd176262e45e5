import { spawn, spawnSync, type SpawnSyncOptionsWithStringEncoding, type StdioOptions } from "node:child_process";
import { createInterface } from "node:readline";

/** A program to run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Whole environment of the program; default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until the program and its children are killed; default: no limit. */
  readonly timeout?: number;
  /** For `attach` and `capture`: the terminal is not the program's own, so that it cannot type there. For programs of other users. */
  readonly ownSession?: boolean;
}

/** How a program ended. `code` is 1 when it was killed or could not be started. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const memory = 64 * 1024 * 1024;

/** Runs a program and waits, without input; never throws for a failing program. */
export function capture(command: Command): Ended {
  const { program, args, cwd, env, timeout, ownSession = false } = command;
  const options: SpawnSyncOptionsWithStringEncoding & { readonly detached: boolean } = {
    cwd,
    env,
    timeout,
    encoding: "utf8",
    maxBuffer: memory,
    stdio: ["ignore", "pipe", "pipe"],
    // As for `spawn`; Node's types and documentation leave it out here.
    detached: ownSession,
  };
  const ended = spawnSync(program, args, options);
  const stderr = ended.error === undefined ? ended.stderr : `${program}: ${ended.error.message}`;
  return { code: ended.status ?? 1, stdout: ended.error === undefined ? ended.stdout : "", stderr };
}

/**
 * Runs a program and hands over each line of both its outputs as it comes; `stderr` of the result holds the last 40 lines.
 * Interrupted (Ctrl-C, SIGTERM), it ends the program first, then us.
 */
export function follow(command: Command, onLine: (line: string) => void): Promise<Ended> {
  const { program, args, cwd, env, timeout } = command;
  // A group of its own, so that a time-out also ends what the program has started.
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const tail: string[] = [];
  const take = (line: string): void => {
    tail.push(line);
    if (tail.length > 40) tail.shift();
    onLine(line);
  };
  createInterface({ input: child.stdout }).on("line", take);
  createInterface({ input: child.stderr }).on("line", take);
  let exitCode: number | undefined;
  const interrupt = (signal: NodeJS.Signals): void => {
    exitCode = signal === "SIGINT" ? 130 : 143;
    signalGroup(child.pid, "SIGTERM");
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const timer = timeout === undefined ? undefined : setTimeout(signalGroup, timeout, child.pid, "SIGKILL");
  return new Promise((resolve) => {
    const end = (code: number): void => {
      clearTimeout(timer);
      process.removeListener("SIGINT", interrupt).removeListener("SIGTERM", interrupt);
      if (exitCode !== undefined) process.exit(exitCode);
      resolve({ code, stdout: "", stderr: tail.join("\n") });
    };
    child.once("error", (error) => {
      tail.push(error.message);
      end(1);
    });
    child.once("close", (code) => {
      end(code ?? 1);
    });
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Runs a program on the user's own terminal and gives its exit code (128 + n when signal n ended it). */
export function attach(command: Command, stdio: StdioOptions = "inherit"): Promise<number> {
  const { program, args, cwd, env, ownSession = false } = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio, detached: ownSession });
    // Ctrl-C reaches the whole group: the engine winds up by itself and we wait for it. Another session it does not reach.
    const interrupt = (): void => {
      if (ownSession) child.kill("SIGINT");
    };
    const pass = (): void => void child.kill("SIGTERM");
    process.on("SIGINT", interrupt).on("SIGTERM", pass);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.removeListener("SIGINT", interrupt).removeListener("SIGTERM", pass);
      resolve(code ?? (signal === "SIGINT" ? 130 : signal === "SIGKILL" ? 137 : 143));
    });
  });
}
