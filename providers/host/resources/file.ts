import { dirname } from "node:path";
import type { z } from "zod";
import { fileSchema } from "../../../contracts/host-resources/machine";
import { changedInputs, resource } from "../../runtime/resource";
import { inspect, makeDirectory, readText, removeFile, writeAtomically } from "../../../lib/system/files";
import { ownerOf } from "../../../lib/system/identity";
import { UnsafePath } from "../../../lib/system/walk";
import { MB } from "../../../lib/units";
import { sha256 } from "../../../lib/text/hash";

type Inputs = z.output<typeof fileSchema>;
/** `actual` is the hash of what is on disk with its mode and owner: it differs from `expected` after a manual edit. */
type State = Inputs & { expected: string; actual: string };

/** Bytes beyond our own content after which a file is not read: it differs anyway. */
const slack = MB;

const fingerprint = (content: string, mode: string, uid: number): string => sha256(`${mode} ${uid} ${content}`);
const expectedOf = (inputs: Inputs): string => fingerprint(inputs.content, inputs.mode, ownerOf(inputs.owner).uid);

async function write(inputs: Inputs): Promise<State> {
  if ((await inspect(dirname(inputs.path))) === undefined) await makeDirectory(dirname(inputs.path), { mode: "0700" });
  await writeAtomically(inputs.path, inputs.content, { mode: inputs.mode, owner: inputs.owner });
  return { ...inputs, expected: expectedOf(inputs), actual: expectedOf(inputs) };
}

/** What is at the path, as `expected` has it; a link, a FIFO and whatever else is not a file of ours is itself the difference. */
async function actualOf({ path, content }: Inputs, found: { mode: string; uid: number }): Promise<string> {
  try {
    const limit = Buffer.byteLength(content) + slack;
    return fingerprint(await readText(path, limit), found.mode, found.uid);
  } catch (error) {
    if (!(error instanceof UnsafePath)) throw error;
    return "no file of ours";
  }
}

/** The inputs with the lines that stay. They come from the state, not from the file: its owner may have put others there. */
function withKept(old: State, news: Inputs): Inputs {
  if (news.keeps === undefined) return news;
  const kept = new RegExp(news.keeps);
  const present = new Set(news.content.split("\n"));
  const lines = old.content.split("\n").filter((line) => kept.test(line) && !present.has(line));
  return { ...news, content: [news.content, ...lines.map((line) => `${line}\n`)].join("") };
}

/** A file of the service user or of root, replaced atomically. */
export const file = resource<Inputs, State>({
  schema: fileSchema,
  refreshBeforeUpdate: true,
  diff: (old, news) => [
    ...changedInputs(old.inputs, news, ["path"]),
    ...(old.state.actual === old.state.expected ? [] : [{ property: "actual", kind: "update", drift: true } as const]),
  ],
  create: async (inputs) => ({ id: inputs.path, state: await write(inputs) }),
  read: async (old) => {
    const found = await inspect(old.state.path);
    // Made again, it would not have what it keeps: it is written again from the state instead.
    if (found === undefined) return old.state.keeps === undefined ? undefined : { ...old.state, actual: "absent" };
    return { ...old.state, actual: await actualOf(old.state, found) };
  },
  update: (old, news) => write(withKept(old.state, news)),
  delete: async (old) => {
    await removeFile(old.state.path);
  },
});
