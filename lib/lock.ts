import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readText } from "./files";
import { waitFor } from "./retry";

/** Start time of a process in clock ticks since boot, so that a reused pid is not taken for its predecessor. */
function startTime(pid: number): string | undefined {
  try {
    // Field 22; the command name before it may hold spaces and parentheses.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Names one run of one process: "<pid> <start time>". */
export const identity = (pid: number): string => `${pid} ${startTime(pid) ?? "?"}`;

/** True while the process that wrote `holder` (an `identity`) is there. */
export function isHeld(holder: string): boolean {
  const pid = Number(holder.split(" ")[0]);
  return Number.isInteger(pid) && pid > 0 && startTime(pid) !== undefined && identity(pid) === holder.trim();
}

function tryLock(path: string): boolean {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, identity(process.pid));
  try {
    linkSync(mine, path);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function removeStale(path: string): void {
  const holder = readText(path);
  if (holder === undefined || isHeld(holder)) return;
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    // Another process may have taken the lock since we looked: give it back.
    if (isHeld(readFileSync(aside, "utf8"))) linkSync(aside, path);
  } catch {
    // Removed by another waiter.
  }
  rmSync(aside, { force: true });
}

/** Runs `body` while no other process of this machine holds `path`; a lock left by a dead process is taken over. */
export async function withLock<T>(path: string, onWait: (holder: string) => void, body: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const acquired = (): Promise<true | undefined> => {
    if (tryLock(path)) return Promise.resolve(true);
    removeStale(path);
    const holder = readText(path);
    if (holder !== undefined) onWait(holder.split(" ")[0] ?? "?");
    return Promise.resolve(undefined);
  };
  await waitFor(acquired, { timeout: Infinity });
  try {
    return await body();
  } finally {
    rmSync(path, { force: true });
  }
}
