import { spawn } from "node:child_process";
import { join } from "node:path";
import { checkout } from "../../tools/paths";

/** Arguments of `node` that have it run TypeScript, as `make` and the scripts of package.json do. For a process in the checkout. */
export const typescript = ["--import", "tsx"] as const;

/** How a command ended. */
export interface EngineRun {
  readonly code: number;
  /** Standard output and error, in the order in which they came. */
  readonly output: string;
}

/**
 * Runs a tool of the repository to its end, without input.
 * @param script path in the checkout
 * @param env whole environment
 */
export function runTool(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<EngineRun> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [...typescript, join(checkout, script), ...args], {
      cwd: checkout,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
    child.on("close", (code) => {
      done({ code: code ?? 1, output });
    });
  });
}
