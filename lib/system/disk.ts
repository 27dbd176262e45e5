import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { MB } from "../units";

/** Free space of a disk, in MB, for users without root. */
export interface Disk {
  readonly free: number;
  readonly size: number;
}

/** The disk that holds a path, or would hold it: the nearest folder that is there tells. */
export async function diskOf(path: string): Promise<Disk> {
  try {
    const { bavail, blocks, bsize } = await statfs(path);
    return { free: Math.floor((bavail * bsize) / MB), size: Math.floor((blocks * bsize) / MB) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return diskOf(dirname(path));
  }
}

/** Below this, in MB, etcd and PostgreSQL cannot make their next file of WAL (64 and 16 MB) for long. */
const scarce = 100;

/** Says how little is free if that may be why something does not start; empty otherwise. */
export async function diskHint(path: string): Promise<string> {
  const { free, size } = await diskOf(path);
  if (free >= scarce) return "";
  return `the disk of ${path} is full: ${free} MB of ${size} MB are free; make room and run \`up\` again\n`;
}
