import { createHash, randomBytes } from "node:crypto";
import { constants, lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { serviceIdentity } from "./identity";

export const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");

/** Mode as config writes it: four octal digits, for example "0600". */
export const parseMode = (mode: string): number => Number.parseInt(mode, 8);

const formatMode = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, "0");

/** Writes a file so that a reader sees the old or the new content, never half of it, and nobody sees it with a wider mode. */
export async function writeAtomically(path: string, content: string, mode: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    await writeNew(temporary, content, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeNew(path: string, content: string, mode: string): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.chmod(parseMode(mode));
    await handle.chown(serviceIdentity().uid, serviceIdentity().gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder, its parents too, and gives it to the service user.
 * @throws where a symbolic link is at the path: the service user could have put it there, and be given what it points to
 */
export async function makeDirectory(path: string, mode: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o755 });
  const handle = await open(path, constants.O_DIRECTORY | constants.O_NOFOLLOW).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ELOOP" && code !== "ENOTDIR") throw error;
    throw new Error(`${path} is a symbolic link: name the folder that it points to`, { cause: error });
  });
  try {
    await handle.chmod(parseMode(mode));
    await handle.chown(serviceIdentity().uid, serviceIdentity().gid);
  } finally {
    await handle.close();
  }
}

/** What is at a path, links not followed: kind, mode and owner; undefined where nothing is. */
export async function inspect(path: string): Promise<{ mode: string; uid: number; directory: boolean } | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found && { mode: formatMode(found.mode), uid: found.uid, directory: found.isDirectory() };
}

/** The last lines of a file; empty where it can't be read. */
export async function lastLines(path: string, count: number): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
