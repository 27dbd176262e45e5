import { statfs } from "node:fs/promises";
import { formatBytes } from "../format";
import { Refusal } from "../refusal";

/** Beside the cluster's files: WAL that replay fetches, and what a checkpoint writes. */
const spare = 256 * 1024 ** 2;

/** Bytes that the disk of a folder has free for us. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws a `Refusal` unless the disk of a folder has room for `bytes` and some. */
export async function needRoom(folder: string, bytes: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= bytes + spare) return;
  throw new Refusal(
    `the disk of ${folder} has ${formatBytes(free)} free, and the restore needs ${formatBytes(bytes + spare)}; make room and try again`,
  );
}
