import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, runningPid } from "../../../lib/system/processes";
import { stackProcesses } from "./processes";
import type { TestStack } from "./stack";

/** Ends a stack and deletes its files, without the engine: for those whose subject is not how a stack is deleted. */
export async function discard(stack: TestStack): Promise<void> {
  const supervisor = await runningPid(stack.path("supervisor", "supervisord.pid"), "supervisord");
  if (supervisor !== undefined) await endProcess(supervisor, "SIGTERM", 60_000);
  // What a failed test has left: frozen, or without its supervisor.
  while (stackProcesses(stack).length > 0) {
    for (const { pid } of stackProcesses(stack)) await endProcess(pid, "SIGKILL", 0);
    await sleep(50);
  }
  rmSync(stack.root, { recursive: true, force: true });
}
