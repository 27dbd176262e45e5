import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { TestStack } from "./stack";

const isRoot = process.getuid?.() === 0;

/** Words that make a command run as the service user. */
export const asOwner: readonly string[] = isRoot
  ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
  : [];

/** What the stack tells its jobs; as far as tests look at it. */
export const jobOf = (
  stack: TestStack,
): { program: string[]; patronictl: string; servers: { patroniFile: string }[] } =>
  JSON.parse(readFileSync(jobFile(stack), "utf8")) as ReturnType<typeof jobOf>;

const jobFile = (stack: TestStack): string => stack.path("etc", "job.json");

/** How a run of the `howdah` command ended. */
export interface HowdahRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What it printed with `--json`. Throws where that is no JSON. */
  readonly json: unknown;
}

/** A run that goes on. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<HowdahRun>;
}

/** Words before a command, such as `unshare --mount`. */
export type Prefix = readonly string[];

/** Starts `howdah ARGS` for a stack as its schedule does: the installed command, as the service user. `--json` is added. */
export function startHowdah(stack: TestStack, args: readonly string[], prefix: Prefix = []): Running {
  const words = [...jobOf(stack).program, "--job-file", jobFile(stack), "--json", ...args];
  const [program = "", ...rest] = [...prefix, ...asOwner, ...words];
  const child = spawn(program, rest, { cwd: "/", env: process.env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<HowdahRun>((done) => {
    child.once("close", (code) => {
      done({
        code: code ?? 137,
        stdout,
        stderr,
        get json(): unknown {
          return JSON.parse(stdout) as unknown;
        },
      });
    });
  });
  return { child, ended };
}

/** Runs `howdah ARGS` to its end. */
export const howdah = (stack: TestStack, ...args: string[]): Promise<HowdahRun> => startHowdah(stack, args).ended;

/** The same; throws with what it said unless it succeeds. */
export async function mustHowdah(stack: TestStack, ...args: string[]): Promise<unknown> {
  const run = await howdah(stack, ...args);
  if (run.code !== 0) throw new Error(`howdah ${args.join(" ")} ended with ${run.code}:\n${run.stderr}${run.stdout}`);
  return run.json;
}
