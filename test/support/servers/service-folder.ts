import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serviceIdentity } from "../../../lib/system/identity";

/** A temporary folder of the user that servers run as. */
export interface ServiceFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes a folder for a test file; call `remove` in `afterAll`. */
export async function serviceFolder(): Promise<ServiceFolder> {
  const path = await mkdtemp(join(tmpdir(), "howdah-t-"));
  const { uid, gid } = serviceIdentity();
  await chown(path, uid, gid);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
