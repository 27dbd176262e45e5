import { spawn, spawnSync, type StdioOptions } from "node:child_process";
import { createInterface } from "node:readline";
import { MB } from "../units";
import { type Command, signalGroup } from "./command";

/** How a program ended. `code` is 1 when it was killed or could not be started. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const inherited = ({ env = process.env, variables }: Command): NodeJS.ProcessEnv => ({ ...env, ...variables });

/** Runs a program and waits, without input; never throws for a failing program. */
export function capture(command: Command): Ended {
  const { program, args = [], cwd, timeout, ownSession = false } = command;
  const result = spawnSync(program, args, {
    cwd,
    env: inherited(command),
    timeout,
    encoding: "utf8",
    maxBuffer: 64 * MB,
    stdio: ["ignore", "pipe", "pipe"],
    // As for `spawn`; Node's types and documentation leave it out here.
    ...{ detached: ownSession },
  });
  const stderr = result.error === undefined ? result.stderr : `${program}: ${result.error.message}`;
  return { code: result.status ?? 1, stdout: result.error === undefined ? result.stdout : "", stderr };
}

/**
 * Runs a program and hands over each line of both its outputs as it comes; `stderr` of the result holds the last 40 lines.
 * Interrupted (Ctrl-C, SIGTERM), it ends the program first, then us.
 */
export function follow(command: Command, onLine: (line: string) => void): Promise<Ended> {
  const { program, args = [], cwd, timeout } = command;
  const env = inherited(command);
  // A group of its own, so that a timeout also ends what the program has started.
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const tail: string[] = [];
  const take = (line: string): void => {
    tail.push(line);
    if (tail.length > 40) tail.shift();
    onLine(line);
  };
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", take);
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

/** Runs a program on the user's own terminal and gives its exit code (128 + n when signal n ended it). */
export function attach(command: Command, stdio: StdioOptions = "inherit"): Promise<number> {
  const { program, args = [], cwd, ownSession = false } = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: inherited(command), stdio, detached: ownSession });
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
