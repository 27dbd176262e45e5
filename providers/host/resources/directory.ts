import { rm } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { z } from "zod";
import { changedInputs, resource } from "../../plugin/resource";
import { diskOf } from "../system/disk";
import { inspect, makeDirectory } from "../system/files";
import { serviceIdentity } from "../system/identity";

export const absolutePath = z.string().refine(isAbsolute, { error: "must be an absolute path" });
export const fileMode = z.string().regex(/^0[0-7]{3}$/, { error: 'must be four octal digits such as "0600"' });

const schema = z.strictObject({
  path: absolutePath,
  mode: fileMode.default("0700"),
  /** Keep the folder when the resource goes. Default false: it is removed with all that is in it. */
  retain: z.boolean().default(false),
  /** MB that its disk needs when the folder is made: refused here, before anything can half-succeed. Default 0. */
  freeMegabytes: z.int().min(0).default(0),
});

type Inputs = z.output<typeof schema>;
type State = Inputs & { intact: boolean };

const isIntact = async (inputs: Inputs): Promise<boolean> => {
  const found = await inspect(inputs.path);
  return found !== undefined && found.directory && found.mode === inputs.mode && found.uid === serviceIdentity().uid;
};

async function refuseSmallDisk({ path, freeMegabytes }: Inputs): Promise<void> {
  const { free, size } = await diskOf(path);
  if (free >= freeMegabytes) return;
  throw new Error(
    `the disk of ${path} is full: ${free} MB of ${size} MB are free, and ${freeMegabytes} MB are needed to start; make room there, or choose a folder on another disk`,
  );
}

/** A folder of the service user. */
export const directory = resource<Inputs, State>({
  schema,
  refreshBeforeUpdate: true,
  diff: (old, news) => [
    // What a start needs says nothing about a folder that is there.
    ...changedInputs(old.inputs, news, ["path"]).filter((change) => change.property !== "freeMegabytes"),
    ...(old.state.intact ? [] : [{ property: "intact", kind: "update", drift: true } as const]),
  ],
  create: async (inputs) => {
    await refuseSmallDisk(inputs);
    await makeDirectory(inputs.path, inputs.mode);
    return { id: inputs.path, state: { ...inputs, intact: true } };
  },
  read: async (old) =>
    (await inspect(old.state.path)) === undefined ? undefined : { ...old.state, intact: await isIntact(old.state) },
  update: async (_old, news) => {
    await makeDirectory(news.path, news.mode);
    return { ...news, intact: true };
  },
  delete: async (old) => {
    if (!old.state.retain) await rm(old.state.path, { recursive: true, force: true });
  },
});
