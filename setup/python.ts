import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../lib/errors";
import { fingerprint, makeFolder, writeWhole } from "../lib/files";
import { checkout, type Locations } from "../lib/paths";
import { follow } from "../lib/process";
import type { Voice } from "../lib/reporter";

const folder = join(checkout, "setup", "python");

/** The system's own python: one on PATH may live in a home that the servers' user cannot enter. */
const python = "/usr/bin/python3";

/** Programs of ours around the installed ones, by the name that each gets. */
const wrappers = { "howdah-supervisord": "supervisord.py", "howdah-patroni": "patroni.py" } as const;

/** Virtual environment of Patroni and supervisor, exactly as pinned; another pin makes another folder. */
export function pythonFolder(at: Locations): string {
  const pins = ["build.txt", "requirements.txt", ...Object.values(wrappers)].map((name) =>
    readFileSync(join(folder, name)),
  );
  return join(at.programs, `python-${fingerprint(...pins)}`);
}

const marker = (at: Locations): string => join(pythonFolder(at), ".complete");

/** True when the environment is there and whole. */
export const hasPython = (at: Locations): boolean => existsSync(marker(at));

/** Makes the environment with `pip install --require-hashes`; a half-made one is made anew. */
export async function takePython(at: Locations, voice: Voice): Promise<void> {
  const venv = pythonFolder(at);
  makeFolder(at.programs, 0o755);
  rmSync(venv, { recursive: true, force: true });
  // The servers' user has to read it, whatever our umask.
  process.umask(0o022);
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PYTHONDONTWRITEBYTECODE: "" };
  const step = async (program: string, args: string[]): Promise<void> => {
    const ended = await follow({ program, args, env }, (line) => {
      voice.progress(`python: ${line.trim()}`);
    });
    if (ended.code !== 0)
      throw new Failure(`Patroni and supervisor could not be installed into ${venv}:\n${ended.stderr}`);
  };
  await step(python, ["-m", "venv", venv]);
  const pip = (file: string, ...options: string[]): Promise<void> =>
    step(join(venv, "bin", "pip"), ["install", "--require-hashes", ...options, "-r", join(folder, file)]);
  // Two packages exist as source only; pip would fetch what builds them without checking a hash.
  await pip("build.txt", "--only-binary", ":all:");
  await pip("requirements.txt", "--no-build-isolation");
  const bin = join(venv, "bin");
  for (const [name, file] of Object.entries(wrappers)) {
    const source = readFileSync(join(folder, file), "utf8");
    writeWhole(join(bin, name), `#!${join(bin, "python3")}\n${source}`, 0o755);
  }
  writeWhole(marker(at), `${new Date().toISOString()}\n`);
}
