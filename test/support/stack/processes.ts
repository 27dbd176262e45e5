import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { locations } from "../../../lib/paths";
import { pythonFolder } from "../../../setup/python";
import type { TestStack } from "./stack";

const execute = promisify(execFile);

const python = join(pythonFolder(locations()), "bin");

/** The supervisor's program, as the setup took it. */
export const supervisord = join(python, "howdah-supervisord");

/** A process of a stack. */
export interface StackProcess {
  readonly pid: number;
  readonly parent: number;
  /** Short name of the program. */
  readonly name: string;
  /** Its words, with a space between them. */
  readonly command: string;
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // It ended meanwhile.
    return "";
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

const pids = (): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Command lines of all processes of this machine, with a space between the words. */
export const commandLines = (): string[] =>
  pids().map((pid) => read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim());

/** Every process that has to do with the stack's folder: by command line, environment or working directory. */
export function stackProcesses(stack: TestStack): StackProcess[] {
  const touches = (pid: number): boolean =>
    [read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`), linkOf(`/proc/${pid}/cwd`)].some((text) =>
      text.includes(stack.directory),
    );
  return pids()
    .filter(touches)
    .map((pid) => ({
      pid,
      parent: Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0),
      name: read(`/proc/${pid}/comm`).trim(),
      command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim(),
    }))
    .filter(({ name }) => name !== "");
}

/** A TCP socket that some process of the stack listens on. */
export interface Listening {
  readonly port: number;
  /** Hexadecimal, as in /proc/net: `0100007F` is 127.0.0.1. */
  readonly address: string;
}

/** Every TCP port that processes of the stack listen on, by the kernel's own table. */
export function listening(stack: TestStack): Listening[] {
  const inodes = new Set(
    stackProcesses(stack).flatMap(({ pid }) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
      } catch {
        return [];
      }
    }),
  );
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => read(table).split("\n").slice(1));
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((row) => row[3] === "0A" && inodes.has(`socket:[${row[9] ?? ""}]`))
    .map((row) => {
      const [address = "", port = "0"] = (row[1] ?? "").split(":");
      return { address, port: Number.parseInt(port, 16) };
    })
    .sort((a, b) => a.port - b.port);
}

/** Runs supervisorctl of the stack; its output whatever the exit code, which is 3 as soon as one program does not run. */
export async function supervisorctl(stack: TestStack, ...args: string[]): Promise<string> {
  const command = ["-c", stack.path("supervisor", "supervisord.conf"), ...args];
  const ended = await execute(join(python, "supervisorctl"), command).catch(
    (error: unknown) => error as { stdout: string },
  );
  return ended.stdout;
}

/** Process id of the stack's supervisord. */
export const supervisorPid = (stack: TestStack): number => Number(read(stack.path("supervisor", "supervisord.pid")));

/** Of `processorTicks`: the kernel counts in USER_HZ, which is 100 on Linux. */
export const ticksPerSecond = 100;

/** Processor time that a process has used, in ticks of 10 ms. */
export function processorTicks(pid: number): number {
  const [user, system] = read(`/proc/${pid}/stat`).split(") ")[1]!.split(" ").slice(11, 13);
  return Number(user) + Number(system);
}

/** Process id of one of the stack's services, as supervisord knows it. */
export async function servicePid(stack: TestStack, service: string): Promise<number> {
  return Number(await supervisorctl(stack, "pid", service));
}

/**
 * Processes that at this moment descend neither from supervisord nor from a PostgreSQL server, which outlives its Patroni and
 * runs the command that archives.
 */
function strays(stack: TestStack): StackProcess[] {
  const all = stackProcesses(stack);
  const root = supervisorPid(stack);
  const belongs = (process: StackProcess | undefined): boolean =>
    process !== undefined &&
    (process.pid === root || process.name === "postgres" || belongs(all.find(({ pid }) => pid === process.parent)));
  return all.filter((process) => !belongs(process));
}

/** Those of them that stay: a guard's `pg_isready` lives for milliseconds, and its parent may end between two looks at /proc. */
export async function orphans(stack: TestStack): Promise<StackProcess[]> {
  const before = new Set(strays(stack).map(({ pid }) => pid));
  if (before.size > 0) await sleep(500);
  return strays(stack).filter(({ pid }) => before.has(pid));
}
