import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/errors";
import { fingerprint, makeFolder, writeWhole } from "../lib/files";
import { withLock } from "../lib/lock";
import { checkout, type Locations } from "../lib/paths";
import { follow } from "../lib/process";
import type { Voice } from "../lib/reporter";

const pins = join(checkout, "setup", "moto", "requirements.txt");

/** The system's own python, as for Patroni. */
const python = "/usr/bin/python3";

/** Virtual environment of exactly the pinned packages; another pin makes another folder. */
export const motoFolder = (at: Locations): string => join(at.programs, `moto-${fingerprint(readFileSync(pins))}`);

const marker = (at: Locations): string => join(motoFolder(at), ".complete");

async function makeEnvironment(at: Locations, voice: Voice): Promise<void> {
  const venv = motoFolder(at);
  makeFolder(at.programs, 0o755);
  rmSync(venv, { recursive: true, force: true });
  const step = async (program: string, ...args: string[]): Promise<void> => {
    const ended = await follow({ program, args }, (line) => {
      voice.progress(`moto: ${line.trim()}`);
    });
    if (ended.code !== 0) throw new Failure(`moto could not be installed into ${venv}:\n${ended.stderr}`);
  };
  await step(python, "-m", "venv", venv);
  const options = ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"];
  await step(join(venv, "bin", "pip"), "install", ...options, "-r", pins);
  writeWhole(marker(at), `${new Date().toISOString()}\n`);
}

/**
 * Path of moto's server, a simulated S3 for the tests; its environment is made where it is not there yet, by one process at a time.
 * @throws Failure where pip cannot make it
 */
export async function takeMoto(at: Locations, voice: Voice): Promise<string> {
  const isThere = (): boolean => existsSync(marker(at));
  const waiting = (pid: string): void => {
    voice.progress(`moto: waiting for another set-up (process ${pid})`);
  };
  if (!isThere())
    await withLock(join(at.cache, "setup.lock"), waiting, async () => {
      if (!isThere()) await makeEnvironment(at, voice);
    });
  return join(motoFolder(at), "bin", "moto_server");
}
