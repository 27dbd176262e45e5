import { join } from "node:path";
import { z } from "zod";
import { type Change, type Context, changedInputs, resource } from "../../runtime/resource";
import { assertReadable, assertTaken, endOfLog } from "../services/reader";
import { programsDirectory, programStatus } from "../../../lib/supervisor/supervisor";
import {
  applyProgram,
  logTail,
  restartProgram,
  signalProgram,
  startProgram,
  stopProgram,
} from "../../../lib/supervisor/supervisor";
import { diskHint } from "../../../lib/system/disk";
import { removeFile, writeAtomically } from "../../../lib/system/files";
import { listens } from "../../../lib/system/network";
import { endProcess, runningPid, signalProcess } from "../../../lib/system/processes";
import { waitFor } from "../../../lib/retry";
import { refuseTakenPorts } from "../services/taken-ports";
import { isCommandWord, isEnvironmentValue, renderProgram } from "../services/program";
import { absolutePath } from "./directory";

const port = z.int().min(1024).max(65_535);
const signal = z.enum(["HUP", "INT", "QUIT", "TERM", "USR1", "USR2"]);
function isExpression(text: string): boolean {
  try {
    return new RegExp(text).source !== "";
  } catch {
    return false;
  }
}

const variable = z.string().regex(/^[A-Za-z_]\w*$/, { error: "must be the name of an environment variable" });
const variableValue = z.string().refine(isEnvironmentValue, {
  error: "must have no control character, no quote, and no ; or # behind a space",
});
/** A regular expression for a line of its log. */
const logLine = z.string().min(1).refine(isExpression, { error: "must be a regular expression" });
const triggers = z.record(z.string(), z.string()).default({});
/** Pid file of a process that the service starts and that may outlive it, with a word its command line must hold. */
const companion = z.strictObject({ pidFile: absolutePath, word: z.string().min(1) });

const schema = z.strictObject({
  /** Folder of the supervisor that runs it. */
  supervisor: absolutePath,
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, { error: "lower-case letters, digits and -" }),
  /** Absolute path of the program, and its arguments; no secret, since every user can read them. */
  command: z.tuple([absolutePath], z.string()).refine((words) => words.every(isCommandWord), {
    error: "must have no control character",
  }),
  environment: z.record(variable, variableValue).default({}),
  /** Ports that it listens on; refused at once where another process has one. */
  ports: z.array(port).default([]),
  /** Those of them that answer once it is ready. Default: all. */
  readyPorts: z.array(port).optional(),
  stopSignal: signal.default("TERM"),
  /** Seconds from the stop signal to SIGKILL. */
  stopSeconds: z.int().min(1).default(30),
  /** How to have it read its files again. */
  reloadSignal: signal.default("HUP"),
  companion: companion.optional(),
  /** A command that fails if the program would refuse its files; run before the program gets them. */
  check: z.tuple([absolutePath], z.string()).optional(),
  /** How its log tells that it has begun to read its files, and that it has refused a line of them. */
  reader: z.strictObject({ begins: logLine, refuses: logLine }).optional(),
  /** A change of any of these restarts the service. */
  restartTriggers: triggers,
  /** A change of any of these reloads the service. */
  reloadTriggers: triggers,
  /** Seconds until it has to run and listen: on a machine that starts everything at once, Patroni tries etcd every 5 s. */
  startSeconds: z.int().min(1).default(120),
});

export type ServiceInputs = z.output<typeof schema>;
type State = ServiceInputs & { running: boolean };

const at = (inputs: ServiceInputs) => ({ directory: inputs.supervisor });
const programFile = (inputs: ServiceInputs): string => join(programsDirectory(at(inputs)), `${inputs.name}.ini`);

/** Inputs whose change a running process takes without a restart. */
const reloadOnly: readonly string[] = [
  "reloadTriggers",
  "reloadSignal",
  "startSeconds",
  "companion",
  "check",
  "reader",
];

/** What a change of inputs means for the running process. */
export function effectOf(old: ServiceInputs, news: ServiceInputs): "nothing" | "reload" | "restart" {
  const changes = changedInputs(old, news).map((change) => change.property);
  if (changes.length === 0) return "nothing";
  return changes.every((property) => reloadOnly.includes(property)) ? "reload" : "restart";
}

const pidOf = async (inputs: ServiceInputs): Promise<number | undefined> =>
  (await programStatus(at(inputs))).get(inputs.name)?.pid;

async function isRunning(inputs: ServiceInputs): Promise<boolean> {
  const status = (await programStatus(at(inputs))).get(inputs.name);
  return status?.state === "RUNNING" || status?.state === "STARTING";
}

/** Waits until the program runs and its ports answer; says why where it does not. */
async function awaitRunning(inputs: ServiceInputs, context: Context): Promise<State> {
  let last = "not started";
  const ready = await waitFor(
    async () => {
      const status = (await programStatus(at(inputs))).get(inputs.name);
      last = status?.state ?? "unknown to the supervisor";
      if (last === "FATAL")
        throw new Error(`${inputs.name} does not start:\n${await logTail(at(inputs), inputs.name)}`);
      context.progress(`${inputs.name}: ${last.toLowerCase()}`);
      if (last !== "RUNNING") return undefined;
      const open = await Promise.all((inputs.readyPorts ?? inputs.ports).map(listens));
      return open.every(Boolean) ? true : undefined;
    },
    { timeout: inputs.startSeconds * 1000, signal: context.signal },
  );
  if (ready === true) return { ...inputs, running: true };
  const log = await logTail(at(inputs), inputs.name);
  const hint = await diskHint(inputs.supervisor);
  throw new Error(`${hint}${inputs.name} is ${last} after ${inputs.startSeconds} s; the end of its log:\n${log}`);
}

async function start(inputs: ServiceInputs, context: Context): Promise<State> {
  if (!(await isRunning(inputs))) await refuseTakenPorts(inputs.name, inputs.ports);
  if (inputs.check !== undefined) await assertReadable(inputs.name, inputs.check);
  const before = await pidOf(inputs);
  const log = await endOfLog(at(inputs), inputs.name);
  await writeAtomically(programFile(inputs), renderProgram(inputs), { mode: "0600" });
  await applyProgram(at(inputs), inputs.name);
  if (!(await isRunning(inputs))) await startProgram(at(inputs), inputs.name).catch(() => undefined);
  const state = await awaitRunning(inputs, context);
  if (inputs.reader !== undefined && (await pidOf(inputs)) !== before)
    await assertTaken(log, inputs.reader, context.signal);
  return state;
}

async function reload(inputs: ServiceInputs, context: Context): Promise<void> {
  const log = await endOfLog(at(inputs), inputs.name);
  await signalProgram(at(inputs), inputs.name, inputs.reloadSignal);
  const pid = inputs.companion && (await runningPid(inputs.companion.pidFile, inputs.companion.word));
  if (pid !== undefined) await signalProcess(pid, "SIGHUP");
  if (inputs.reader !== undefined) await assertTaken(log, inputs.reader, context.signal);
}

async function restart(inputs: ServiceInputs, context: Context): Promise<void> {
  const log = await endOfLog(at(inputs), inputs.name);
  await restartProgram(at(inputs), inputs.name);
  if (inputs.reader !== undefined) await assertTaken(log, inputs.reader, context.signal);
}

async function stop(inputs: ServiceInputs): Promise<void> {
  await stopProgram(at(inputs), inputs.name);
  await removeFile(programFile(inputs));
  await applyProgram(at(inputs), inputs.name).catch(() => undefined);
  const pid = inputs.companion && (await runningPid(inputs.companion.pidFile, inputs.companion.word));
  if (pid !== undefined) await endProcess(pid, "SIGINT", inputs.stopSeconds * 1000);
}

function driftOf(state: State): Change[] {
  return state.running ? [] : [{ property: "running", kind: "update", drift: true }];
}

/** A process under the supervisor: started again when it ends, reloaded or restarted when its triggers change. */
export const service = resource<ServiceInputs, State>({
  schema,
  refreshBeforeUpdate: true,
  deleteBeforeReplace: true,
  diff: (old, news) => [...changedInputs(old.inputs, news, ["supervisor", "name"]), ...driftOf(old.state)],
  create: async (inputs, context) => {
    const before = await pidOf(inputs);
    const state = await start(inputs, context);
    // One that an `up` has left which did not get to its end may not have read what was written since.
    const left = before !== undefined && (await pidOf(inputs)) === before;
    if (left && Object.keys(inputs.reloadTriggers).length > 0) await reload(inputs, context);
    return { id: inputs.name, state };
  },
  read: async (old) => ({ ...old.state, running: await isRunning(old.state) }),
  update: async (old, news, context) => {
    const state = await start(news, context);
    // A changed program file restarted it already (`update` of the supervisor).
    if (!old.state.running || renderProgram(old.inputs) !== renderProgram(news)) return state;
    const effect = effectOf(old.inputs, news);
    if (effect === "nothing") return state;
    if (effect === "reload") await reload(news, context);
    else await restart(news, context);
    return awaitRunning(news, context);
  },
  delete: (old) => stop(old.state),
});
