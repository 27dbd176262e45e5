import { type Dirent, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readText } from "../../lib/files";

function isWhole(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true });
  } catch {
    // No stack was made yet.
    return [];
  }
}

/**
 * Deletes broken-off `.attrs` files of a file backend; gives their paths. The engine replaces its state in one step, but not the file
 * of attributes next to it (gocloud.dev, fileblob): killed in between, it refuses its own sound state ("failed to load
 * checkpoint: EOF") forever. Without the file, all is well; so this does no harm while another engine writes either.
 */
export function deleteBrokenAttributes(backend: string): string[] {
  const broken = entries(join(backend, ".pulumi"))
    .filter((entry) => entry.isFile() && entry.name.endsWith(".attrs"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !isWhole(readText(path) ?? "{}"));
  for (const path of broken) rmSync(path, { force: true });
  return broken;
}
