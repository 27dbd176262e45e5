import { spawn } from "node:child_process";
import { join } from "node:path";
import { checkout } from "../../lib/paths";

/** Arguments of `node` that have it run TypeScript, as `make` and the scripts of package.json do. For a process in the checkout. */
export const typescript = ["--import", "tsx"] as const;

/** How a command ended. */
export interface EngineRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both of them, in the order in which they came. */
  readonly output: string;
}

/** What a command has printed that prints JSON; the tools' own remarks come on standard error. Throws if it failed. */
export function jsonOf({ code, stdout, stderr }: EngineRun): unknown {
  // A preview prints everything that it knows before the reason, and that may be in either.
  if (code !== 0) throw new Error(`${stdout.slice(-3000)}\n${stderr.slice(-3000)}`);
  return JSON.parse(stdout);
}

/** The command as a user of the checkout types it. */
export const howdahCommand = join(checkout, "bin", "howdah");

/**
 * Runs `howdah ARGS` to its end, without input.
 * @param env whole environment
 */
export function runHowdah(args: readonly string[], env: NodeJS.ProcessEnv): Promise<EngineRun> {
  return new Promise((done) => {
    const child = spawn(howdahCommand, args, {
      cwd: checkout,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const printed = { stdout: "", stderr: "", output: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (part: string) => {
        printed[name] += part;
        printed.output += part;
      });
    child.on("close", (code) => {
      done({ code: code ?? 1, ...printed });
    });
  });
}
