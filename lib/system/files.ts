import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { ProgramError, run } from "../process/task";
import { type Owner, ownerOf, serviceIdentity } from "./identity";
import { openRegular, placeOf, UnsafePath, walk, within } from "./walk";
import { MB } from "../units";

/** Mode as config writes it: four octal digits, for example "0600". */
export const parseMode = (mode: string): number => Number.parseInt(mode, 8);

const formatMode = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, "0");

/** Who has a file or folder, and how. */
export interface Access {
  readonly mode: string;
  /** Default: the service user. */
  readonly owner?: Owner | undefined;
}

const isCode = (error: unknown, ...codes: string[]): boolean =>
  codes.includes((error as NodeJS.ErrnoException).code ?? "");

/** The file itself, for an error that only names a descriptor. */
const renamed = (path: string) => (error: unknown) => {
  throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
};

/** Writes a file so that a reader sees the old or the new content, never half of it, and never with a wider mode. */
export const writeAtomically = (path: string, content: string, access: Access): Promise<void> =>
  within(path, async (place) => {
    const temporary = `${dirname(place)}/.${basename(path)}.${randomBytes(6).toString("hex")}`;
    try {
      await writeNew(temporary, content, access);
      await rename(temporary, place);
    } catch (error) {
      // What went wrong is the first error, not what it leaves to clear up.
      await rm(temporary, { force: true }).catch(() => undefined);
      renamed(path)(error);
    }
  });

async function writeNew(path: string, content: string, { mode, owner }: Access): Promise<void> {
  const { uid, gid } = ownerOf(owner);
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.chmod(parseMode(mode));
    await handle.chown(uid, gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder that is not there, and parents that are not: those are ours alone to change. */
async function makeMissing(path: string): Promise<void> {
  const make = (): Promise<void> =>
    within(path, (place) => mkdir(place, 0o755)).catch((error: unknown) => {
      if (!isCode(error, "EEXIST")) throw error;
    });
  await make().catch(async (error: unknown) => {
    if (!isCode(error, "ENOENT") || path === dirname(path)) throw error;
    await makeMissing(dirname(path));
    await make();
  });
}

/**
 * Makes a folder, its parents too, and gives it to its owner.
 * @throws if a symbolic link is at the path: the service user could have put it there, and be given what it points to
 */
export async function makeDirectory(path: string, { mode, owner }: Access): Promise<void> {
  await makeMissing(resolve(path));
  const { uid, gid } = ownerOf(owner);
  await within(path, async (place) => {
    const handle = await open(place, constants.O_DIRECTORY | constants.O_NOFOLLOW).catch((error: unknown) => {
      if (!isCode(error, "ELOOP", "ENOTDIR")) throw error;
      throw new Error(`${path} is a symbolic link or a file: name the folder itself`, { cause: error });
    });
    try {
      // First the owner: one who loses the folder must not widen it again.
      await handle.chown(uid, gid);
      await handle.chmod(parseMode(mode));
    } finally {
      await handle.close();
    }
  });
}

/** What is at a path, a link at its end not followed: kind, mode and owner; undefined if nothing is. */
export async function inspect(path: string): Promise<{ mode: string; uid: number; directory: boolean } | undefined> {
  const found = await within(path, (place) => lstat(place)).catch((error: unknown) => {
    if (!isCode(error, "ENOENT", "ENOTDIR")) throw error;
    return undefined;
  });
  return found && { mode: formatMode(found.mode), uid: found.uid, directory: found.isDirectory() };
}

/** Names in a folder; none if there is no folder. */
export const namesIn = (path: string): Promise<string[]> =>
  walk(path, "follow", ({ handle }) => readdir(placeOf(handle))).catch((error: unknown) => {
    if (!isCode(error, "ENOENT", "ENOTDIR")) throw error;
    return [];
  });

/** Deletes a file, or a link; one that is not there is no error. */
export const removeFile = (path: string): Promise<void> =>
  within(path, (place) => rm(place, { force: true })).catch((error: unknown) => {
    if (!isCode(error, "ENOENT", "ENOTDIR")) throw error;
  });

/** Deletes what is at a path, with all below it; a link is deleted and not followed, here and below. Nothing there is no error. */
export async function removeTree(path: string): Promise<void> {
  await walk(dirname(resolve(path)), "follow", async ({ handle }) => {
    // GNU rm descends by descriptors as well. Node's own does not: it would follow a folder that becomes a link meanwhile.
    const cwd = `/proc/${process.pid}/fd/${handle.fd}`;
    await run({ program: "rm", args: ["-rf", "--", `./${basename(resolve(path))}`], cwd }).catch((error: unknown) => {
      throw error instanceof ProgramError ? new Error(`${path} cannot be deleted: ${error.output.trim()}`) : error;
    });
  }).catch((error: unknown) => {
    if (!isCode(error, "ENOENT", "ENOTDIR")) throw error;
  });
}

/** Enough for every file of ours. */
const usualLimit = 16 * MB;

/** A file of the service user's, or of ours, under one name only: another could be anybody's, and be shown to that user by us. */
function refuseForeign(path: string, stats: Stats): void {
  const { uid, nlink } = stats;

  if (process.getuid?.() !== 0) return;
  if (uid !== 0 && uid !== serviceIdentity().uid) throw new UnsafePath(`${path} belongs to another user (${uid})`);
  if (stats.isFile() && nlink > 1) throw new UnsafePath(`${path} is a hard link: the file has another name`);
}

const withRegular = <T>(path: string, use: (handle: FileHandle, size: number) => Promise<T>): Promise<T> =>
  walk(path, "follow", async (found) => {
    refuseForeign(path, found.stats);
    const handle = await openRegular(found, path);
    try {
      return await use(handle, found.stats.size);
    } finally {
      await handle.close();
    }
  });

async function readFrom(handle: FileHandle, start: number, length: number): Promise<string> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, start + filled);
    filled += bytesRead;
    if (bytesRead === 0 || filled === length) return buffer.subarray(0, filled).toString("utf8");
  }
}

/**
 * Text of a file that another user may have exchanged: for a link, a FIFO, another's file or a huge one.
 * @param limit bytes that it may have. Default 16 MB
 * @throws UnsafePath for such a file; the system's error if there is none
 */
export const readText = (path: string, limit = usualLimit): Promise<string> =>
  withRegular(path, (handle, size) => {
    if (size > limit) throw new UnsafePath(`${path} has ${size} bytes, but at most ${limit} are read`);
    return readFrom(handle, 0, size);
  });

/** The end of a file, at most `limit` bytes (default 1 MB) of it; empty if it can't be read. */
export const readEnd = (path: string, limit = MB): Promise<string> =>
  withRegular(path, (handle, size) => readFrom(handle, Math.max(0, size - limit), Math.min(size, limit))).catch(
    () => "",
  );

/** Bytes that a file has; 0 if it can't be read. */
export const sizeOf = (path: string): Promise<number> =>
  withRegular(path, (_handle, size) => Promise.resolve(size)).catch(() => 0);

/**
 * What a file has from a byte on, at most `limit` bytes (default 16 MB) of it; from its start if it is shorter by now. Empty if it
 * can't be read.
 */
export const readSince = (path: string, from: number, limit = usualLimit): Promise<string> =>
  withRegular(path, (handle, size) => {
    const start = size < from ? 0 : from;
    return readFrom(handle, start, Math.min(size - start, limit));
  }).catch(() => "");

/** The last lines of a file; empty if it can't be read. */
export async function lastLines(path: string, count: number): Promise<string> {
  return (await readEnd(path)).trimEnd().split("\n").slice(-count).join("\n");
}
