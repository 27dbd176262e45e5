import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type StackProcess, stackProcesses } from "./processes";
import { leaderOf } from "./members";
import type { TestStack } from "./stack";

/** One PostgreSQL node of a stack, as a test attacks it. Only processes of this stack are ever found. */
export interface Node {
  readonly name: string;
  readonly port: number;
  readonly dataDirectory: string;
}

const isSynchronous = ({ config }: TestStack): boolean =>
  (config["objectives"] as { rpo: string }).rpo === "0 seconds" &&
  (config["postgres"] as { replicas: number }).replicas > 0;

/** The node that leads, and the others. Waits until there is a leader and every other member streams. */
export async function rolesOf(stack: TestStack): Promise<{ primary: Node; replicas: Node[] }> {
  const { nodes } = await stack.outputs();
  const members = await stack.awaitMembers(
    (view) =>
      view.length === nodes.length &&
      leaderOf(view)?.state === "running" &&
      view.every(({ role, state }) => role === "leader" || state === "streaming") &&
      // Under synchronous commit only a synchronous replica may take over: right after a failover there is none yet.
      (!isSynchronous(stack) || view.some(({ role }) => role === "sync_standby")),
    60,
  );
  const leader = leaderOf(members)?.name;
  const primary = nodes.find(({ name }) => name === leader);
  if (primary === undefined) throw new Error(`${leader ?? "nobody"} leads and is no node`);
  return { primary, replicas: nodes.filter(({ name }) => name !== leader) };
}

/** Process id of a node's postmaster; undefined if none runs. */
export function postmasterOf(node: Node): number | undefined {
  const file = join(node.dataDirectory, "postmaster.pid");
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : 0;
  if (!(pid > 1) || !existsSync(`/proc/${pid}/cmdline`)) return undefined;
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(node.dataDirectory) ? pid : undefined;
}

function descendants(root: number, all: readonly StackProcess[]): number[] {
  const children = all.filter(({ parent }) => parent === root).map(({ pid }) => pid);
  return children.flatMap((pid) => [pid, ...descendants(pid, all)]);
}

/** Processes that carry one of `words` in their command line, with all that descends from them. */
function family(stack: TestStack, words: readonly string[]): number[] {
  const all = stackProcesses(stack);
  const roots = all.filter(({ command }) => words.some((word) => command.includes(word))).map(({ pid }) => pid);
  return [...new Set(roots.flatMap((pid) => [pid, ...descendants(pid, all)]))];
}

/** Everything that a node runs: Patroni, the postmaster with its children, and the guard. */
export const nodeProcesses = (stack: TestStack, node: Node): number[] =>
  family(stack, [`patroni-${node.name}.yml`, `-D ${node.dataDirectory}`, `guard-${node.name}.json`]);

export const patroniProcesses = (stack: TestStack, node: Node): number[] =>
  family(stack, [`patroni-${node.name}.yml`]).filter((pid) => pid !== postmasterOf(node));

/** Sends a signal to each process that is still there. */
export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    if (!(pid > 1)) throw new Error(`${pid} is no process of a stack`);
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** Kills a node's postmaster as a crash would. */
export function crash(node: Node): void {
  const pid = postmasterOf(node);
  if (pid === undefined) throw new Error(`${node.name} has no postmaster`);
  signal([pid], "SIGKILL");
}
