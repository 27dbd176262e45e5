import { join } from "node:path";
import type { z } from "zod";
import { supervisorSchema } from "../../../contracts/host-resources/machine";
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

type Inputs = z.output<typeof supervisorSchema>;
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
  schema: supervisorSchema,
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
