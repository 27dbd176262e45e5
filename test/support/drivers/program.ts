import { type ChildProcess, spawn } from "node:child_process";
import { endOf } from "../command-run";
import type { LoadAnswer, LoadInput, SmokeAnswer, SmokeInput } from "./contract";

/** A program of a driver that runs. */
interface Running {
  readonly child: ChildProcess;
  readonly answer: Promise<unknown>;
}

const programs = new Set<ChildProcess>();

function start(command: readonly string[], input: SmokeInput | LoadInput): Running {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd: "/", stdio: ["pipe", "pipe", "pipe"] });
  programs.add(child);
  child.stdin.on("error", () => undefined);
  child.stdin.write(`${JSON.stringify(input)}\n`);
  const answer = endOf(child).then((run) => {
    programs.delete(child);
    if (run.code !== 0)
      throw new Error(`the program of ${input.driver} ended with ${run.code}:\n${run.stderr.slice(-4000)}`);
    return run.json;
  });
  // A test asks for it later.
  answer.catch(() => undefined);
  return { child, answer };
}

/** Runs a driver's smoke to its end. */
export async function smoke(command: readonly string[], input: SmokeInput): Promise<SmokeAnswer> {
  return (await start(command, input).answer) as SmokeAnswer;
}

/** A driver's workers, at work. */
export interface Load {
  /** Tells them to end, and waits. */
  readonly stop: () => Promise<LoadAnswer>;
  /** Rejects if the program ends with an error; settles with it otherwise. */
  readonly ended: Promise<unknown>;
}

/** Starts a driver's workers. */
export function startLoad(command: readonly string[], input: LoadInput): Load {
  const { child, answer } = start(command, input);
  const stop = async (): Promise<LoadAnswer> => {
    child.stdin?.end();
    return (await answer) as LoadAnswer;
  };
  return { stop, ended: answer };
}

/** Ends what a failed test has left. */
export function killPrograms(): void {
  for (const child of programs) child.kill("SIGKILL");
}
