import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const lockSchema = z.object({ pid: z.number(), hostname: z.string(), username: z.string(), timestamp: z.string() });

/** A lock that the engine writes into a file backend; it has no lease, so a killed engine leaves it forever. */
export type StateLock = z.output<typeof lockSchema>;

/** Locks of a stack in a file backend. */
export function stackLocks(backend: string, stack: string): StateLock[] {
  const folder = join(backend, ".pulumi", "locks", "organization", "howdah", stack.split("/").at(-1) ?? stack);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      return lockSchema.safeParse(JSON.parse(readFileSync(join(folder, name), "utf8"))).data ?? [];
    } catch {
      // Just released, or just being written.
      return [];
    }
  });
}

/** True while a process with that id is an engine. A zombie, which has ended but was not waited for yet, is none. */
export function isEngine(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return /^\d+ \(pulumi.*\) [^ZX]/s.test(stat);
  } catch {
    return false;
  }
}

/** The locks, when there are some and no holder can still be at work: all from this host and none alive. Otherwise none. */
export function abandonedLocks(
  locks: readonly StateLock[],
  host: string = hostname(),
  isAlive: (pid: number) => boolean = isEngine,
): readonly StateLock[] {
  return locks.every((lock) => lock.hostname === host && !isAlive(lock.pid)) ? locks : [];
}
