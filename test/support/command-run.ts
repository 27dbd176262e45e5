import type { ChildProcess } from "node:child_process";

/** How a run of the `howdah` command ended. */
export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What it printed with `--json`. Throws if that is not valid JSON. */
  readonly json: unknown;
}

/** Waits for the end of a started command. @param onSaid called with all of its standard error whenever that grows */
export function endOf(child: ChildProcess, onSaid: (said: string) => void = () => undefined): Promise<CommandRun> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => {
    onSaid((stderr += chunk.toString()));
  });
  return new Promise((done) => {
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
}
