import { existsSync } from "node:fs";
import { chown, lstat, mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { serviceIdentity } from "../../../../lib/system/identity";

const memory = "/dev/shm";
const enoughMemory = 2 * 1024 ** 3;

/** Process id in the name of a folder, which is that of its maker. */
const makerOf = (name: string): string | undefined => /^howdah-[a-z]+-(\d+)-\w{6}$/.exec(name)?.[1];

/** Removes what aborted runs have left, which nobody else would: memory is full in the end. Their servers ended with them. */
async function removeLeftovers(parent: string): Promise<void> {
  const ours = [process.getuid?.(), serviceIdentity().uid];
  for (const name of await readdir(parent)) {
    const maker = makerOf(name);
    if (maker === undefined || existsSync(`/proc/${maker}`)) continue;
    const path = join(parent, name);
    const owner = (await lstat(path).catch(() => undefined))?.uid;
    // Another user's could hold a trap for us; and what still ends or another worker removes, the next start finds.
    if (ours.includes(owner)) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * A folder of the service user for data that nobody keeps: in memory if that has room, since a cluster is a thousand files.
 * No program can be run from it.
 * @param name lower-case letters: who it is for
 */
export async function dataFolder(name: string): Promise<string> {
  const room = await statfs(memory).then(({ bavail, bsize }) => Math.min(bavail * bsize, freemem()), () => 0); // prettier-ignore
  const parent = room < enoughMemory ? tmpdir() : memory;
  await removeLeftovers(parent);
  const path = await mkdtemp(join(parent, `howdah-${name}-${process.pid}-`));
  const { uid, gid } = serviceIdentity();
  await chown(path, uid, gid);
  return path;
}
