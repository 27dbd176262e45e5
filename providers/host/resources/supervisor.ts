import { join } from "node:path";
import { z } from "zod";
import { changedInputs, resource } from "../../runtime/resource";
import { makeDirectory, writeAtomically } from "../../../lib/system/files";
import {
  configurationFile,
  programsDirectory,
  renderConfiguration,
  startSupervisor,
  stopSupervisor,
  supervisorPid,
} from "../../../lib/supervisor/supervisor";
import { absolutePath } from "./directory";

const schema = z.strictObject({
  /** `supervisord`, taken when it is started next: to exchange it is to stop every service. */
  program: absolutePath,
  /** Folder of the configuration, the socket and the programs; logs go to `../log`. */
  directory: absolutePath,
});

type Inputs = z.output<typeof schema>;
type State = Inputs & { running: boolean };

async function ensureRunning(inputs: Inputs): Promise<State> {
  await makeDirectory(inputs.directory, { mode: "0700" });
  await makeDirectory(programsDirectory(inputs), { mode: "0700" });
  await makeDirectory(join(inputs.directory, "..", "log"), { mode: "0700" });
  await writeAtomically(configurationFile(inputs), renderConfiguration(inputs), { mode: "0600" });
  if ((await supervisorPid(inputs)) === undefined) await startSupervisor(inputs, inputs.program);
  return { ...inputs, running: true };
}

/** The process that keeps the services of a stack running, after `up` has ended too. */
export const supervisor = resource<Inputs, State>({
  schema,
  refreshBeforeUpdate: true,
  deleteBeforeReplace: true,
  diff: (old, news) => [
    ...changedInputs(old.inputs, news, ["directory"]),
    ...(old.state.running ? [] : [{ property: "running", kind: "update", drift: true } as const]),
  ],
  create: async (inputs) => ({ id: inputs.directory, state: await ensureRunning(inputs) }),
  // A supervisor that is down is drift to repair in place: replacing it would replace every service.
  read: async (old) => ({ ...old.state, running: (await supervisorPid(old.state)) !== undefined }),
  update: (_old, news) => ensureRunning(news),
  delete: (old) => stopSupervisor(old.state),
});
