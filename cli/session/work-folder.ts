import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes what killed runs left under the same name: it may hold a key, or a whole cluster. Their servers ended with them. */
async function removeLeftovers(parent: string, name: string): Promise<void> {
  for (const entry of await readdir(parent).catch(() => [])) {
    const pid = entry.startsWith(`${name}-`) ? entry.slice(name.length + 1) : "";
    if (/^\d+$/.test(pid) && !existsSync(`/proc/${pid}`))
      await rm(join(parent, entry), { recursive: true, force: true });
  }
}

/** A folder for the time of `work`, removed whatever happens. */
export async function withWorkFolder<T>(
  { folders }: { readonly folders: { readonly work: string } },
  name: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  await removeLeftovers(folders.work, name);
  const folder = join(folders.work, `${name}-${process.pid}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
