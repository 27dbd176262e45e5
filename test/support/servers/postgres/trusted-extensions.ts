import { chown, copyFile, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { serviceIdentity } from "../../../../lib/system/identity";
import { binaries } from "./throwaway-postgres";
import type { TlsFolder } from "./tls-postgres";

/** Links to everything in a folder, without `except`. */
async function linkAll(from: string, to: string, except: readonly string[]): Promise<void> {
  await mkdir(to, { recursive: true });
  const names = (await readdir(from)).filter((name) => !except.includes(name));
  await Promise.all(names.map((name) => symlink(join(from, name), join(to, name))));
}

/**
 * PostgreSQL with control files of its own, which mark more extensions as trusted: whoever may create objects in a database may create
 * them there. It finds its files relative to its program, in Debian's layout.
 * @param extensions those that this machine lacks are left out
 * @returns path of the program
 */
export async function trustingPostgres(folder: TlsFolder, extensions: readonly string[]): Promise<string> {
  const bin = await binaries();
  const version = basename(dirname(bin));
  const root = join(folder.path, "installation");
  const [home, share] = [join(root, "lib/postgresql", version), join(root, "share/postgresql", version)];
  const ownShare = join("/usr/share/postgresql", version);
  const controls = (await readdir(join(ownShare, "extension"))).filter((name) =>
    extensions.some((extension) => name === `${extension}.control`),
  );
  await linkAll(ownShare, share, ["extension"]);
  await linkAll(join(ownShare, "extension"), join(share, "extension"), controls);
  for (const name of controls) {
    const control = await readFile(join(ownShare, "extension", name), "utf8");
    await writeFile(join(share, "extension", name), `${control}\ntrusted = true\n`);
  }
  await linkAll(dirname(bin), home, ["bin"]);
  const program = join(home, "bin", "postgres");
  await mkdir(dirname(program));
  // A copy: it follows links to where it is.
  await copyFile(join(bin, "postgres"), program);
  const { uid, gid } = serviceIdentity();
  await chown(program, uid, gid);
  return program;
}
