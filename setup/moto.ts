import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../lib/lock";
import { checkout, type Locations } from "../lib/paths";
import type { Reporter } from "../lib/reporter";
import { isComplete, makeEnvironment } from "./venv";
import { fingerprint } from "../lib/text/hash";

const pins = join(checkout, "setup", "moto", "requirements.txt");

/** Virtual environment of exactly the pinned packages; another pin makes another folder. */
export const motoFolder = (at: Locations): string => join(at.programs, `moto-${fingerprint(readFileSync(pins))}`);

/**
 * Path of moto's server, a simulated S3 for the tests; its environment is made if it does not exist yet, by one process at a time.
 * @throws Failure if pip cannot make it
 */
export async function installMoto(at: Locations, reporter: Reporter): Promise<string> {
  const isThere = (): boolean => isComplete(motoFolder(at));
  const waiting = (pid: string): void => {
    reporter.progress(`moto: waiting for another setup (process ${pid})`);
  };
  if (!isThere())
    await withLock(join(at.cache, "setup.lock"), waiting, async () => {
      if (isThere()) return;
      const requirements = [{ file: pins, options: ["--only-binary", ":all:"] }];
      await makeEnvironment({ folder: motoFolder(at), name: "moto", contents: "moto", requirements }, reporter);
    });
  return join(motoFolder(at), "bin", "moto_server");
}
