import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Job } from "../components/backup/job";

/** A folder for the time of `work`, removed whatever happens. */
export async function withWorkFolder<T>(
  { folders }: Job,
  name: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = join(folders.work, `${name}-${process.pid}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
