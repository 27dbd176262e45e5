import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../lib/errors";
import { makeFolder, writeWhole } from "../lib/files";
import { follow } from "../lib/process/attended";
import type { Reporter } from "../lib/reporter";

/** The system's own python: one on PATH may live in a home that the service user cannot enter. */
const python = "/usr/bin/python3";

/** A virtual environment of exactly the pinned packages. */
export interface VirtualEnvironment {
  readonly folder: string;
  /** What is in it, for progress, and for an error. */
  readonly name: string;
  readonly contents: string;
  /** Files of pins with hashes, in the order in which pip installs them, and options of pip for each. */
  readonly requirements: readonly { readonly file: string; readonly options: readonly string[] }[];
  /** Further files, once pip is done. */
  readonly finish?: () => void;
}

const marker = (folder: string): string => join(folder, ".complete");

/** True if the environment is there and whole. */
export const isComplete = (folder: string): boolean => existsSync(marker(folder));

/**
 * Makes the environment with `pip install --require-hashes`; a half-made one is made again.
 * @throws Failure with the end of pip's output
 */
export async function makeEnvironment(venv: VirtualEnvironment, reporter: Reporter): Promise<void> {
  const { folder, name, contents, requirements, finish } = venv;
  makeFolder(dirname(folder), 0o755);
  rmSync(folder, { recursive: true, force: true });
  // The service user has to read it, whatever our umask.
  process.umask(0o022);
  const variables = { PIP_DISABLE_PIP_VERSION_CHECK: "1", PYTHONDONTWRITEBYTECODE: "" };
  const step = async (program: string, args: readonly string[]): Promise<void> => {
    const ended = await follow({ program, args, variables }, (line) => {
      reporter.progress(`${name}: ${line.trim()}`);
    });
    if (ended.code !== 0) throw new Failure(`${contents} could not be installed into ${folder}:\n${ended.stderr}`);
  };
  await step(python, ["-m", "venv", folder]);
  for (const { file, options } of requirements)
    await step(join(folder, "bin", "pip"), ["install", "--require-hashes", ...options, "-r", file]);
  finish?.();
  writeWhole(marker(folder), `${new Date().toISOString()}\n`);
}
