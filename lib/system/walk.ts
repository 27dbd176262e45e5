import { constants, type Stats } from "node:fs";
import { type FileHandle, open, readlink } from "node:fs/promises";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { Failure } from "../errors";

/**
 * Paths as root may use them. Below a stack's folder another user may exchange any part of a path for a symbolic link, at any
 * time. So every part is opened from the one before it, and a link is followed only if root alone can have made it. (Node has
 * no `openat`; `/proc/self/fd/N/name` is the same.)
 */

/** `O_PATH` of Linux, the same on every processor that Node runs on: the file is named and not opened, so that a FIFO does not block. */
const nameOnly = 0o10000000;

/** As the kernel counts: more links than this in one path are a circle. */
const mostLinks = 40;

/** What a path leads to. */
export interface Found {
  /** Names it, and cannot be read. */
  readonly handle: FileHandle;
  readonly stats: Stats;
  /** Every folder that was passed, from `/` on. */
  readonly above: readonly Stats[];
}

/** What a path leads to is not what it has to be, or a link on the way may be another user's. */
export class UnsafePath extends Failure {}

const stickyBit = 0o1000;
const othersMayWrite = 0o022;

/** True if only root can exchange an entry of root's in this folder. */
const isRoots = ({ uid, mode }: Stats): boolean =>
  uid === 0 && ((mode & othersMayWrite) === 0 || (mode & stickyBit) !== 0);

const amRoot = (): boolean => process.getuid?.() === 0;

const namesOf = (path: string): string[] => path.split("/").filter((name) => name !== "" && name !== ".");

/** Path of what a handle names, or of an entry of that folder, that no exchange on the way there can move. */
export const placeOf = ({ fd }: FileHandle, name?: string): string =>
  name === undefined ? `/proc/self/fd/${fd}` : `/proc/self/fd/${fd}/${name}`;

const openName = (path: string): Promise<FileHandle> => open(path, nameOnly | constants.O_NOFOLLOW);

/** A walk that has come to one folder. */
class Walker {
  readonly above: Stats[] = [];
  private links = 0;

  private constructor(
    private readonly path: string,
    public at: FileHandle,
    public stats: Stats,
  ) {}

  static async start(path: string): Promise<Walker> {
    const root = await openName("/");
    return new Walker(path, root, await root.stat());
  }

  /** Goes on to an entry. @returns the names that a link stands for, none for another entry */
  async step(name: string, follow: boolean): Promise<string[]> {
    const next = await openName(placeOf(this.at, name)).catch((error: unknown) => {
      // The system's message names a descriptor.
      const { message } = error as Error;
      throw Object.assign(error as Error, {
        path: this.path,
        message: message.replace(/'\/proc.*'$/, `'${this.path}'`),
      });
    });
    const stats = await next.stat();
    if (!stats.isSymbolicLink() || !follow) {
      this.above.push(this.stats);
      await this.move(next, stats);
      return [];
    }
    await next.close();
    if (amRoot() && !(isRoots(this.stats) && stats.uid === 0))
      throw new UnsafePath(
        `${this.path}: "${name}" is a symbolic link that users other than root can replace, so root does not follow it; restore the original, or name the link's target`,
      );
    if (++this.links > mostLinks) throw new UnsafePath(`${this.path}: too many symbolic links`);
    const target = await readlink(placeOf(this.at, name));
    if (isAbsolute(target)) {
      const root = await openName("/");
      await this.move(root, await root.stat());
    }
    return namesOf(target);
  }

  private async move(to: FileHandle, stats: Stats): Promise<void> {
    const from = this.at;
    this.at = to;
    this.stats = stats;
    await from.close();
  }
}

/**
 * Walks to what a path names and hands it over; the handle is closed afterwards.
 * @param last what to do with a link at the end: `keep` hands over the link itself
 * @throws UnsafePath for root if a link on the way could be another user's; the system's error if there is nothing
 */
export async function walk<T>(path: string, last: "follow" | "keep", use: (found: Found) => Promise<T>): Promise<T> {
  const walker = await Walker.start(path);
  try {
    const left = namesOf(resolve(path));
    for (let name = left.shift(); name !== undefined; name = left.shift())
      left.unshift(...(await walker.step(name, left.length > 0 || last === "follow")));
    return await use({ handle: walker.at, stats: walker.stats, above: walker.above });
  } finally {
    await walker.at.close();
  }
}

/** Walks to the folder of a path, and hands over where the path's last name is: with calls that follow no link at the end. */
export const within = <T>(path: string, use: (place: string) => Promise<T>): Promise<T> =>
  walk(dirname(resolve(path)), "follow", ({ handle }) => use(placeOf(handle, basename(resolve(path)))));

/** Opens a regular file for reading: the very one that was looked at, and never one that blocks. */
export async function openRegular(found: Found, path: string): Promise<FileHandle> {
  if (!found.stats.isFile()) throw new UnsafePath(`${path} is not a regular file`);
  return open(placeOf(found.handle), constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Who, besides root, could exchange or change something. */
export interface Changers {
  /** Numbers of users. */
  readonly users: readonly number[];
  /** Whether a group or everybody could. */
  readonly many: boolean;
}

/** Who could exchange what was found, by any folder above it, or change it. */
export function changersOf({ stats, above }: Pick<Found, "stats" | "above">): Changers {
  const open = above.some(({ mode }) => (mode & othersMayWrite) !== 0 && (mode & stickyBit) === 0);
  const users = [stats, ...above].map(({ uid }) => uid).filter((uid) => uid !== 0);
  return { users: [...new Set(users)], many: open || (stats.mode & othersMayWrite) !== 0 };
}

/**
 * Hands over the place of a socket: for root, one of root's or of the service user, and never what a link leads to.
 * @param servers number of that user
 * @throws UnsafePath for anything else; the system's error if there is nothing
 */
export const atSocket = <T>(path: string, servers: number, use: (place: string) => Promise<T>): Promise<T> =>
  walk(path, "keep", ({ handle, stats }) => {
    if (!stats.isSocket()) throw new UnsafePath(`${path} is not a socket`);
    if (amRoot() && ![0, servers].includes(stats.uid))
      throw new UnsafePath(`${path} is the socket of another user (${stats.uid})`);
    return use(placeOf(handle));
  });
