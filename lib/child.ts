import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

export interface Program {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Without our own environment, which may name or hold credentials: for what runs the code of others. Default false. */
  readonly bare?: boolean;
  /** Behind everything else that wants the processors and the disk. Default false. */
  readonly lowPriority?: boolean;
  /** What the program is sent when we end before it, however we end. Default `TERM`. */
  readonly deathSignal?: "TERM" | "QUIT" | "INT" | "KILL";
  readonly signal?: AbortSignal;
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A program that ended with a code other than 0; the message holds the end of what it said. */
export class ProgramError extends Error {
  constructor(
    readonly program: string,
    readonly code: number | string,
    readonly output: string,
  ) {
    super(`${program} failed (${code})${output === "" ? "" : `: ${output}`}`);
  }
}

const low = ["nice", "-n", "19", "ionice", "-c", "3"] as const;

/** The kernel ends the program when we end, even by SIGKILL: nothing that we started is left behind. */
export const tied = ({ command, lowPriority = false, deathSignal = "TERM" }: Program): string[] => [
  "setpriv",
  `--pdeathsig=${deathSignal}`,
  ...(lowPriority ? low : []),
  ...command,
];

/** Of our environment, what finds programs and says where and when we are. */
const harmless: readonly string[] = ["PATH", "HOME", "TZ", "TMPDIR", "LD_LIBRARY_PATH"];

const inherited = (bare: boolean): NodeJS.ProcessEnv =>
  bare ? Object.fromEntries(Object.entries(process.env).filter(([name]) => harmless.includes(name))) : process.env;

/** Starts a program with all three streams as pipes. */
export function start(program: Program): Child {
  const [name = "", ...args] = tied(program);
  const environment = { ...inherited(program.bare ?? false), LC_ALL: "C.UTF-8", ...program.environment };
  const child = spawn(name, args, {
    cwd: "/",
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
    signal: program.signal,
  });
  // The program may end before it has read everything; its exit code then tells why.
  child.stdin.on("error", () => undefined);
  return child;
}

/** Lines kept for an error message. */
const tail = 12;

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

/**
 * Runs a program to its end and returns its standard output.
 * @param onLine called with each line of either output, as it comes
 * @throws ProgramError
 */
export async function run(program: Program, onLine: (line: string) => void = () => undefined): Promise<string> {
  const child = start(program);
  const out: string[] = [];
  const err: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    out.push(line);
    onLine(line);
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    err.push(line);
    onLine(line);
  });
  child.stdin.end();
  const said = (): string => (err.length > 0 ? err : out).slice(-tail).join("\n");
  await ended(program.command[0] ?? "", child, said);
  return out.join("\n");
}
