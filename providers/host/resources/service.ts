import { join } from "node:path";
import type { z } from "zod";
import { serviceSchema } from "../../../contracts/host-resources/machine";
import { type Change, type Context, changedInputs, resource } from "../../runtime/resource";
import { assertReadable, assertTaken, endOfLog } from "../services/reader";
import { whilePlanned } from "../../../lib/supervisor/planned-work";
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
import { renderProgram } from "../services/program";

export type ServiceInputs = z.output<typeof serviceSchema>;
type State = ServiceInputs & { running: boolean };

const at = (inputs: ServiceInputs) => ({ directory: inputs.supervisor });
const programFile = (inputs: ServiceInputs): string => join(programsDirectory(at(inputs)), `${inputs.name}.ini`);

/** Inputs whose change a running process takes without a restart. */
const reloadOnly: readonly string[] = [
  // Where to look whether it is ready; what it listens on is in its command or its files.
  "ports",
  "readyPorts",
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

/** Waits until the program runs and its ports answer; says why if it does not. */
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

/** Restarts the process, and announces that: alerts that follow from it stay silent. A reload goes unannounced. */
const change = (
  old: { readonly inputs: ServiceInputs; readonly state: State },
  news: ServiceInputs,
  context: Context,
): Promise<State> => {
  const announced = (work: () => Promise<State>): Promise<State> => whilePlanned(at(news), "update", work);
  // The supervisor restarts a process whose program file has changed.
  if (!old.state.running || renderProgram(old.inputs) !== renderProgram(news))
    return announced(() => start(news, context));
  const effect = effectOf(old.inputs, news);
  const apply = async (): Promise<State> => {
    const state = await start(news, context);
    if (effect === "nothing") return state;
    if (effect === "reload") await reload(news, context);
    else await restart(news, context);
    return awaitRunning(news, context);
  };
  return effect === "restart" ? announced(apply) : apply();
};

function driftOf(state: State): Change[] {
  return state.running ? [] : [{ property: "running", kind: "update", drift: true }];
}

/** A process under the supervisor: started again when it ends, reloaded or restarted when its triggers change. */
export const service = resource<ServiceInputs, State>({
  schema: serviceSchema,
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
  update: change,
  delete: (old) => whilePlanned(at(old.state), "update", () => stop(old.state)),
});
