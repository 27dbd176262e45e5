import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What `work` gives; undefined if it fails for that reason of the system's: a look before would be overtaken. */
function unless<T>(code: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
    return undefined;
  }
}

/** Text of a file, or undefined when there is none. */
export const readText = (path: string): string | undefined => unless("ENOENT", () => readFileSync(path, "utf8"));

/** Names in a folder; none if there is no folder. */
export const namesIn = (folder: string): string[] => unless("ENOENT", () => readdirSync(folder)) ?? [];

/** The content next to the file that it is for, and the mode, whatever the umask. */
function freshFile(path: string, content: string, mode: number): string {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}.tmp`;
  writeFileSync(fresh, content, { mode });
  chmodSync(fresh, mode);
  return fresh;
}

/** Writes a file in one step: readers see the old or the new content, never half of it. Leaves equal content alone. */
export function writeWhole(path: string, content: string, mode = 0o644): void {
  if (readText(path) === content) {
    chmodSync(path, mode);
    return;
  }
  renameSync(freshFile(path, content, mode), path);
}

/** Writes a file in one step where there is none: of several writers at once, all find what the first has written. */
export function writeOnce(path: string, content: string, mode = 0o644): void {
  const fresh = freshFile(path, content, mode);
  unless("EEXIST", () => {
    linkSync(fresh, path);
  });
  rmSync(fresh);
}

/** A folder with exactly that mode, whatever the umask. */
export function makeFolder(path: string, mode: number): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  return path;
}
