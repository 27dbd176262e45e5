import { closeSync, openSync, readdirSync, readSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TestStack } from "../../stack/stack";

const below = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

/** The largest file of a backup with data of the cluster. */
export function dataFile(stack: TestStack, label: string): string {
  const folder = stack.path("backup", "repository", "backup", "main", label);
  const files = below(folder).filter((path) => !path.includes("backup.manifest"));
  const [largest] = files.toSorted((left, right) => statSync(right).size - statSync(left).size);
  if (largest === undefined) throw new Error(`${folder} holds no data`);
  return largest;
}

/** The file of an archived WAL segment. */
export function segmentFile(stack: TestStack, segment: string): string {
  const found = below(stack.path("backup", "repository", "archive", "main")).find((path) =>
    path.includes(`/${segment}-`),
  );
  if (found === undefined) throw new Error(`${segment} is not archived`);
  return found;
}

/** Turns the bits of some bytes in the middle of a file; a second call turns them back. */
export function flipMiddle(path: string, count = 64): void {
  const at = Math.floor(statSync(path).size / 2);
  const handle = openSync(path, "r+");
  const bytes = Buffer.alloc(count);
  const found = readSync(handle, bytes, 0, count, at);
  if (found === 0) throw new Error(`${path} has no middle`);
  for (let index = 0; index < found; index++) bytes[index] = (bytes[index] ?? 0) ^ 0xff;
  writeSync(handle, bytes, 0, found, at);
  closeSync(handle);
}

/** Cuts the second half of a file off. */
export const cutInHalf = (path: string): void => {
  truncateSync(path, Math.floor(statSync(path).size / 2));
};
