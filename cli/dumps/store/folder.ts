import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Missing } from "./missing";
import { backupOf } from "./names";
import { day } from "../../../lib/units";
import type { Content, Store, Stored } from "./types";

/** A writer touches its file all the time: one that rests for a day has none any more. */
const restingMilliseconds = day;
const partial = /^\.(.+)\.[0-9a-f]{8}\.partial$/;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

async function withFile<T>(handle: FileHandle, body: (handle: FileHandle) => Promise<T>): Promise<T> {
  try {
    return await body(handle);
  } finally {
    await handle.close();
  }
}

/** Until its folder is on the disk, too, a power failure can take a new name away again. */
const syncFolder = async (folder: string): Promise<void> =>
  withFile(await open(folder, "r"), (handle) => handle.sync());

async function write(folder: string, name: string, { data }: Content): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `.${name}.${randomBytes(4).toString("hex")}.partial`);
  try {
    await withFile(await open(fresh, "wx", 0o600), async (handle) => {
      for await (const chunk of data) await handle.writeFile(chunk as Uint8Array);
      await handle.sync();
    });
    await rename(fresh, join(folder, name));
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Files of the folder; none if it does not exist yet. */
async function filesOf(folder: string): Promise<Stored[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const files = names.map(async (name): Promise<Stored[]> => {
    // Removed meanwhile, by another job's retention.
    const found = await stat(join(folder, name)).catch(() => undefined);
    return found?.isFile() === true ? [{ name, bytes: found.size, writtenAt: found.mtime }] : [];
  });
  return (await Promise.all(files)).flat();
}

async function removeUnfinished(folder: string, now: Date): Promise<string[]> {
  const isOurs = (name: string): boolean => backupOf(partial.exec(name)?.[1] ?? "") !== undefined;
  const left = (await filesOf(folder)).filter(
    ({ name, writtenAt }) => isOurs(name) && now.getTime() - writtenAt.getTime() > restingMilliseconds,
  );
  for (const { name } of left) await rm(join(folder, name), { force: true });
  return left.map(({ name }) => name);
}

/** Objects as files of mode 0600; the folder is made with the first. */
export const folderStore = (folder: string): Store => ({
  describe: () => folder,
  write: (name, content) => write(folder, name, content),
  read: async (name) => {
    const handle = await open(join(folder, name), "r").catch((error: unknown) => {
      throw isMissing(error) ? new Missing(`${folder} has no ${name}`) : error;
    });
    return handle.createReadStream();
  },
  list: async () => (await filesOf(folder)).filter(({ name }) => !partial.test(name)),
  remove: (name) => rm(join(folder, name), { force: true }),
  removeUnfinished: (now) => removeUnfinished(folder, now),
});
