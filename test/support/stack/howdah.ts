import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { type CommandRun, endOf } from "../command-run";
import type { TestStack } from "./stack";

const isRoot = process.getuid?.() === 0;

/** Words that make a command run as the service user. */
export const asOwner: readonly string[] = isRoot
  ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
  : [];

/** What the stack tells its jobs; as far as tests look at it. */
export const jobOf = (
  stack: TestStack,
): { program: string[]; patronictl: string; services: string[]; servers: { patroniFile: string }[] } =>
  JSON.parse(readFileSync(jobFile(stack), "utf8")) as ReturnType<typeof jobOf>;

const jobFile = (stack: TestStack): string => stack.path("etc", "job.json");

/** A run that goes on. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandRun>;
}

/** Words before a command, such as `unshare --mount`. */
export type Prefix = readonly string[];

/** Starts `howdah ARGS` for a stack as its schedule does: the installed command, as the service user. `--json` is added. */
export function startHowdah(stack: TestStack, args: readonly string[], prefix: Prefix = []): Running {
  const words = [...jobOf(stack).program, "--job-file", jobFile(stack), "--json", ...args];
  const [program = "", ...rest] = [...prefix, ...asOwner, ...words];
  const child = spawn(program, rest, { cwd: "/", env: process.env, stdio: ["ignore", "pipe", "pipe"] });
  return { child, ended: endOf(child) };
}

/** Runs `howdah ARGS` to its end. */
export const howdah = (stack: TestStack, ...args: string[]): Promise<CommandRun> => startHowdah(stack, args).ended;

/** The same; throws with what it said unless it succeeds. */
export async function mustHowdah(stack: TestStack, ...args: string[]): Promise<unknown> {
  const run = await howdah(stack, ...args);
  if (run.code !== 0) throw new Error(`howdah ${args.join(" ")} ended with ${run.code}:\n${run.stderr}${run.stdout}`);
  return run.json;
}
