import { checkout } from "../../../lib/paths";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestStack } from "./stack";
import { howdahCommand } from "../typescript";

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

function row(pid: number): Row[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z") return [];
    return [{ pid, parent: Number(parent), session: Number(session) }];
  } catch {
    // It ended meanwhile.
    return [];
  }
}

/** A process and all that it has started in its own session: engine, language host, providers and what these run. */
function processesOf(root: number): number[] {
  const rows = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => row(Number(name)));
  const below = (pid: number): number[] =>
    rows
      .filter(({ parent, pid: own, session }) => parent === pid && session !== own)
      .flatMap(({ pid: own }) => [own, ...below(own)]);
  return [root, ...below(root)];
}

/** An `up` in the background. */
export interface Running {
  readonly output: () => string;
  /** Exit code; undefined if a signal ended it. */
  readonly ended: Promise<number | undefined>;
  /** SIGKILL for the engine and everything that it has started: as when the machine's memory runs out, or somebody's patience. */
  readonly kill: () => Promise<void>;
}

/** Starts an `up` that a test can kill. */
export function startUp(stack: TestStack): Running {
  stack.writeConfig();
  const args = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack.name];
  const child = spawn(howdahCommand, args, {
    cwd: checkout,
    env: { ...process.env, ...stack.environment() },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
  const ended = new Promise<number | undefined>((done) => {
    child.on("exit", (code) => {
      done(code ?? undefined);
    });
  });
  const kill = async (): Promise<void> => {
    // From the top, so that nobody starts a successor.
    const pids = processesOf(child.pid ?? 0);
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended with its parent.
      }
    }
    await ended;
    while (pids.some((pid) => row(pid).length > 0)) await sleep(10);
  };
  return { output: () => output, ended, kill };
}

/** Tells from what an `up` has printed, or from anything else, whether it is where a test wants it. */
type Reached = (output: string) => boolean | Promise<boolean>;

/** Waits until `reached` holds. Throws if the `up` ends before. */
export async function awaitPoint(running: Running, reached: Reached): Promise<void> {
  const over = running.ended.then(() => true);
  while (!(await reached(running.output()))) {
    const isOver = await Promise.race([over, sleep(20).then(() => false)]);
    if (isOver) throw new Error(`up ended too early:\n${running.output()}`);
  }
}

/** Runs `up` and kills it as soon as `reached` holds. Throws if it ends before. */
export async function killedUp(stack: TestStack, reached: Reached): Promise<string> {
  const running = startUp(stack);
  await awaitPoint(running, reached);
  await running.kill();
  return running.output();
}
