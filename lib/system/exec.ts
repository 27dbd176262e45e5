import { spawn } from "node:child_process";
import { serviceIdentity } from "./identity";

export interface RunOptions {
  /** Text for standard input: the way for secrets and SQL, since arguments are visible to every user. */
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds until the command is killed. Default 60 000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Called with each line of standard error or output, for progress. */
  readonly onLine?: (line: string) => void;
}

/** A command that ended with a code other than 0. */
export class CommandError extends Error {
  constructor(
    readonly command: string,
    readonly code: number | string,
    readonly output: string,
  ) {
    super(`${command} failed (${code}): ${output.trim().split("\n").slice(-12).join("\n")}`);
  }
}

const tail = 256 * 1024;

/** The kernel ends the command when we end, even by SIGKILL. Behind the change of user, which would undo it. */
const tied = ["setpriv", "--pdeathsig=TERM"] as const;

/**
 * Runs a command as the service user, in a neutral folder, and returns its standard output. It has a session of its own: with
 * root's terminal as its own, that user could type there.
 */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const words = [...serviceIdentity().prefix, ...tied, ...withEnvironment(command, options.environment)];
  const [program = "", ...args] = words;
  const child = spawn(program, args, {
    cwd: "/",
    stdio: ["pipe", "pipe", "pipe"],
    signal: options.signal,
    detached: true,
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeout ?? 60_000);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    chunk
      .toString()
      .split("\n")
      .filter(Boolean)
      .forEach((line) => options.onLine?.(line));
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-tail);
    chunk
      .toString()
      .split("\n")
      .filter(Boolean)
      .forEach((line) => options.onLine?.(line));
  });
  // The command may end before it has read everything; its exit code then tells why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  try {
    const code = await new Promise<number | string>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (exit, signal) => {
        resolve(exit ?? signal ?? "unknown");
      });
    });
    if (code !== 0) throw new CommandError(command[0] ?? "", code, stderr === "" ? stdout : stderr);
    return stdout;
  } finally {
    clearTimeout(timer);
  }
}

/** `env` in front, since setpriv starts from a clean environment. */
function withEnvironment(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): readonly string[] {
  const pairs = Object.entries({ PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C.UTF-8", ...environment });
  return ["env", ...pairs.map(([name, value]) => `${name}=${value}`), ...command];
}
