import { join } from "node:path";
import type { z } from "zod";
import { directorySchema } from "../../../contracts/host-resources/machine";
import { changedInputs, resource } from "../../runtime/resource";
import { diskOf } from "../../../lib/system/disk";
import { inspect, makeDirectory, namesIn, removeTree, writeAtomically } from "../../../lib/system/files";
import { ownerOf } from "../../../lib/system/identity";
import { changersOf, walk } from "../../../lib/system/walk";
import { refuseTakenPorts } from "../services/taken-ports";

type Inputs = z.output<typeof directorySchema>;
type State = Inputs & { intact: boolean };

const isIntact = async (inputs: Inputs): Promise<boolean> => {
  const found = await inspect(inputs.path);
  return found?.directory === true && found.mode === inputs.mode && found.uid === ownerOf(inputs.owner).uid;
};

const isMarked = async ({ path, mark }: Inputs): Promise<boolean> =>
  mark === undefined || (await inspect(join(path, mark))) !== undefined;

/** A user may name a folder that they live in; the stack would take it over, and remove it when it goes. */
async function refuseForeign(inputs: Inputs): Promise<void> {
  const content = await namesIn(inputs.path);
  if (content.length === 0 || (await isMarked(inputs))) return;
  throw new Error(
    `${inputs.path} is not empty and does not belong to howdah (it has no file ${inputs.mark ?? ""}): name an empty or a new folder`,
  );
}

/** A folder of root's is a wall only if no other user can exchange it. */
async function refuseExchangeable({ path, owner }: Inputs): Promise<void> {
  if (owner !== "root" || process.getuid?.() !== 0) return;
  const { users, many } = await walk(path, "keep", (found) => Promise.resolve(changersOf(found)));
  if (users.length === 0 && !many) return;
  const who = many ? "users other than root" : `a user other than root (${users.join(", ")})`;
  throw new Error(
    `${path} can be replaced by ${who}, through a folder above it: choose a folder whose parents only root can write to, or change their owner and mode`,
  );
}

async function make(inputs: Inputs): Promise<State> {
  const { path, mode, owner, mark } = inputs;
  await makeDirectory(path, { mode, owner });
  if (mark !== undefined) await writeAtomically(join(path, mark), "", { mode: "0600", owner });
  await refuseExchangeable(inputs);
  return { ...inputs, intact: true };
}

async function refuseSmallDisk({ path, freeMegabytes }: Inputs): Promise<void> {
  const { free, size } = await diskOf(path);
  if (free >= freeMegabytes) return;
  throw new Error(
    `the disk of ${path} is full: ${free} MB of ${size} MB are free, and ${freeMegabytes} MB are needed to start; make room there, or choose a folder on another disk`,
  );
}

/** A marked folder is from before: what has its ports may be its own services, which look for themselves. */
async function refusePortsTaken(inputs: Inputs): Promise<void> {
  if (inputs.mark !== undefined && (await isMarked(inputs))) return;
  for (const [service, ports] of Object.entries(inputs.freePorts)) await refuseTakenPorts(service, ports);
}

/** What a start needs says nothing about a folder that is there. */
const onlyAtStart: readonly string[] = ["freeMegabytes", "freePorts"];

/** A folder of the service user, or a folder of root's around such. */
export const directory = resource<Inputs, State>({
  schema: directorySchema,
  refreshBeforeUpdate: true,
  diff: (old, news) => [
    ...changedInputs(old.inputs, news, ["path"]).filter(({ property }) => !onlyAtStart.includes(property)),
    ...(old.state.intact ? [] : [{ property: "intact", kind: "update", drift: true } as const]),
  ],
  create: async (inputs) => {
    await refuseSmallDisk(inputs);
    await refuseForeign(inputs);
    await refusePortsTaken(inputs);
    return { id: inputs.path, state: await make(inputs) };
  },
  read: async (old) =>
    (await inspect(old.state.path)) === undefined ? undefined : { ...old.state, intact: await isIntact(old.state) },
  update: (_old, news) => make(news),
  delete: async (old) => {
    if (await isMarked(old.state)) await removeTree(old.state.path);
  },
});
