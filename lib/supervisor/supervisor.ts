import { join } from "node:path";
import { z } from "zod";
import { programOf } from "./command-line";
import { runAsService } from "../process/task";
import { lastLines, namesIn, readText } from "../system/files";
import { serviceIdentity } from "../system/identity";
import { alive, endProcess, processes, runningPid } from "../system/processes";
import { waitFor } from "../retry";
import { callMethod, RpcFault, type RpcValue } from "./xml-rpc";

/** One supervisord: its folder holds the configuration, the programs, the pid file and the socket. */
export interface SupervisorPaths {
  readonly directory: string;
}

export interface ProgramStatus {
  /** STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL or UNKNOWN. */
  readonly state: string;
  readonly pid: number | undefined;
  /** When it was last started, in seconds since the epoch; 0 if it never was. */
  readonly start: number;
}

export const configurationFile = (at: SupervisorPaths): string => join(at.directory, "supervisord.conf");
export const programsDirectory = (at: SupervisorPaths): string => join(at.directory, "programs");
export const pidFile = (at: SupervisorPaths): string => join(at.directory, "supervisord.pid");
export const socketFile = (at: SupervisorPaths): string => join(at.directory, "supervisor.sock");
const supervisorLog = (at: SupervisorPaths): string => join(at.directory, "supervisord.log");
const serverUrl = (at: SupervisorPaths): string => `unix://${socketFile(at)}`;

/** supervisord.conf; programs are one file each, so that each is a resource of its own. */
export function renderConfiguration(at: SupervisorPaths): string {
  return `[unix_http_server]
file=${socketFile(at)}
chmod=0700

[supervisord]
logfile=${supervisorLog(at)}
logfile_maxbytes=10MB
logfile_backups=3
pidfile=${pidFile(at)}
umask=077
minfds=4096
strip_ansi=true

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=${serverUrl(at)}

[include]
files=${join(programsDirectory(at), "*.ini")}
`;
}

/** Process id of the running supervisord. */
export async function supervisorPid(at: SupervisorPaths): Promise<number | undefined> {
  return runningPid(pidFile(at), "supervisord");
}

// supervisord's reload of its configuration is not safe to run twice at once.
const queues = new Map<string, Promise<unknown>>();

function inTurn<T>(at: SupervisorPaths, work: () => Promise<T>): Promise<T> {
  const next = (queues.get(at.directory) ?? Promise.resolve()).then(work, work);
  queues.set(
    at.directory,
    next.catch(() => undefined),
  );
  return next;
}

/** Calls supervisord, which must not be asked to wait: until it answers, it takes a whole processor. */
const call = (at: SupervisorPaths, method: string, ...args: (string | boolean)[]): Promise<RpcValue> =>
  callMethod(socketFile(at), { method: `supervisor.${method}`, args }, 30_000);

/** Whether no supervisord listens. */
const isAbsent = (error: unknown): boolean =>
  ["ENOENT", "ECONNREFUSED", "ECONNRESET"].includes((error as NodeJS.ErrnoException).code ?? "");

/** Names of the programs whose files are new, changed or gone, as `reloadConfig` lists them. */
const changesSchema = z.tuple([z.tuple([z.array(z.string()), z.array(z.string()), z.array(z.string())])]);

/** Reads the program's file again and starts, restarts or removes the program accordingly. */
export const applyProgram = (at: SupervisorPaths, name: string): Promise<void> =>
  inTurn(at, async () => {
    const [[added, changed, removed]] = changesSchema.parse(await call(at, "reloadConfig"));
    if (changed.includes(name) || removed.includes(name)) {
      await call(at, "stopProcessGroup", name, false);
      await awaitEnd(at, name);
      await call(at, "removeProcessGroup", name);
    }
    if (added.includes(name) || changed.includes(name)) await call(at, "addProcessGroup", name);
  });

/** supervisord's fault for a program that runs (its source, xmlrpc.py). */
const alreadyStarted = 60;

/** Has a program started; one that runs already is not an error. */
export async function startProgram(at: SupervisorPaths, name: string): Promise<void> {
  await call(at, "startProcess", name, false).catch((error: unknown) => {
    if (!(error instanceof RpcFault) || error.code !== alreadyStarted) throw error;
  });
}

const going = ["STARTING", "RUNNING", "STOPPING"];

/** Waits for a program that has been told to stop, which takes its `stopwaitsecs` at most. */
async function awaitEnd(at: SupervisorPaths, name: string): Promise<void> {
  const probe = async (): Promise<true | undefined> =>
    going.includes((await programStatus(at)).get(name)?.state ?? "") ? undefined : true;
  const wait = { timeout: 180_000, interval: 50 };
  if ((await waitFor(probe, wait)) === undefined) throw new Error(`${name} does not stop`);
}

/** Stops a program, and resolves once it has ended. One that does not run, or is unknown, is not an error. */
export async function stopProgram(at: SupervisorPaths, name: string): Promise<void> {
  await call(at, "stopProcess", name, false).catch((error: unknown) => {
    if (!(error instanceof RpcFault) && !isAbsent(error)) throw error;
  });
  await awaitEnd(at, name);
}

export async function restartProgram(at: SupervisorPaths, name: string): Promise<void> {
  await stopProgram(at, name);
  await startProgram(at, name);
}

export async function signalProgram(at: SupervisorPaths, name: string, signal: string): Promise<void> {
  await call(at, "signalProcess", name, signal);
}

const processesSchema = z.array(
  z.object({ name: z.string(), statename: z.string(), pid: z.number(), start: z.number() }),
);

const pending = new Map<string, Promise<Map<string, ProgramStatus>>>();

/** State of every program. Calls at the same time share one look: a preview asks for all services at once. */
export function programStatus(at: SupervisorPaths): Promise<Map<string, ProgramStatus>> {
  const running = pending.get(at.directory);
  if (running !== undefined) return running;
  const probe = queryStatus(at).finally(() => pending.delete(at.directory));
  pending.set(at.directory, probe);
  return probe;
}

async function queryStatus(at: SupervisorPaths): Promise<Map<string, ProgramStatus>> {
  if ((await supervisorPid(at)) === undefined) return new Map();
  const rows = processesSchema.parse(await call(at, "getAllProcessInfo"));
  return new Map(
    rows.map(({ name, statename, pid, start }) => [
      name,
      { state: statename, pid: pid === 0 ? undefined : pid, start },
    ]),
  );
}

/** Starts supervisord, which daemonizes itself and so outlives `up`; it writes its pid file only after that. */
export async function startSupervisor(at: SupervisorPaths, program: string): Promise<void> {
  await endOrphans(at);
  await runAsService([program, "-c", configurationFile(at)]);
  const wait = { timeout: 60_000, interval: 20 };
  const pid = await waitFor(() => supervisorPid(at), wait);
  if (pid === undefined) throw new Error(`supervisord exited at once:\n${await lastLines(supervisorLog(at), 5)}`);
}

/** Ends supervisord with all programs. */
export async function stopSupervisor(at: SupervisorPaths): Promise<void> {
  const pid = await supervisorPid(at);
  if (pid !== undefined) await endProcess(pid, "SIGTERM", 120_000);
  await endOrphans(at);
}

/**
 * Ends programs that a killed supervisord left behind: they hold the ports that their successors need. They are known
 * by the socket in their environment. SIGKILL on purpose: Patroni would stop PostgreSQL on SIGTERM, while a new
 * Patroni takes over a running one.
 */
async function endOrphans(at: SupervisorPaths): Promise<void> {
  const names = (await namesIn(programsDirectory(at))).map((name) => name.replace(/\.ini$/, ""));
  const left = (await processes()).filter(
    ({ uid, environment }) =>
      uid === serviceIdentity().uid && environment.get("SUPERVISOR_SERVER_URL") === serverUrl(at),
  );
  for (const { pid, environment, command } of left) {
    const name = environment.get("SUPERVISOR_PROCESS_NAME") ?? "";
    if (!names.includes(name)) continue;
    const started = await startedCommand(at, name);
    if (command.some((word) => word === started) && (await alive(pid))) await endProcess(pid, "SIGKILL", 5_000);
  }
}

/** The program file that a service's file starts, to tell a service from what the service itself started. */
async function startedCommand(at: SupervisorPaths, name: string): Promise<string> {
  const text = await readText(join(programsDirectory(at), `${name}.ini`)).catch(() => "");
  return programOf(text);
}

/** Folder of the logs of all programs. */
export const logFolder = (at: SupervisorPaths): string => join(at.directory, "..", "log");
export const logFile = (at: SupervisorPaths, name: string): string => join(logFolder(at), `${name}.log`);

/** The end of a program's log, for an error message; if it never got to write, what supervisord says of it. */
export async function logTail(at: SupervisorPaths, name: string): Promise<string> {
  const own = await lastLines(logFile(at, name), 15);
  return own === "" ? lastLines(supervisorLog(at), 5) : own;
}
