import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure";
import { fingerprint, makeFolder, writeWhole } from "./files";
import { checkout, type Locations } from "./paths";
import { follow } from "./process";
import type { Voice } from "./say";

const folder = join(checkout, "tools", "patroni");

/** The system's own python: one on PATH may live in a home that the servers' user cannot enter. */
const python = "/usr/bin/python3";

/** Virtual environment of exactly the pinned packages; another pin makes another folder. */
export function patroniFolder(at: Locations): string {
  const pins = ["build.txt", "requirements.txt"].map((name) => readFileSync(join(folder, name)));
  return join(at.programs, `patroni-${fingerprint(...pins)}`);
}

const marker = (at: Locations): string => join(patroniFolder(at), ".complete");

/** True when the environment is there and whole. */
export const hasPatroni = (at: Locations): boolean => existsSync(marker(at));

/** Makes the environment with `pip install --require-hashes`; a half-made one is made anew. */
export async function takePatroni(at: Locations, voice: Voice): Promise<void> {
  const venv = patroniFolder(at);
  makeFolder(at.programs, 0o755);
  rmSync(venv, { recursive: true, force: true });
  // The servers' user has to read it, whatever our umask.
  process.umask(0o022);
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PYTHONDONTWRITEBYTECODE: "" };
  const step = async (program: string, args: string[]): Promise<void> => {
    const ended = await follow({ program, args, env }, (line) => {
      voice.progress(`patroni: ${line.trim()}`);
    });
    if (ended.code !== 0) throw new Failure(`Patroni could not be installed into ${venv}:\n${ended.stderr}`);
  };
  await step(python, ["-m", "venv", venv]);
  const pip = (file: string, ...options: string[]): Promise<void> =>
    step(join(venv, "bin", "pip"), ["install", "--require-hashes", ...options, "-r", join(folder, file)]);
  // Two packages exist as source only; pip would fetch what builds them without checking a hash.
  await pip("build.txt", "--only-binary", ":all:");
  await pip("requirements.txt", "--no-build-isolation");
  writeWhole(marker(at), `${new Date().toISOString()}\n`);
}
