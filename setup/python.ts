import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../lib/files";
import { checkout, type Locations } from "../lib/paths";
import type { Reporter } from "../lib/reporter";
import { isComplete, makeEnvironment } from "./venv";
import { fingerprint } from "../lib/text/hash";

const folder = join(checkout, "setup", "python");

/** Programs of ours around the installed ones, by the name that each gets. */
const wrappers = { "howdah-supervisord": "supervisord.py", "howdah-patroni": "patroni.py" } as const;

/** Virtual environment of Patroni and supervisor, exactly as pinned; another pin makes another folder. */
export function pythonFolder(at: Locations): string {
  const pins = ["build.txt", "requirements.txt", ...Object.values(wrappers)].map((name) =>
    readFileSync(join(folder, name)),
  );
  return join(at.programs, `python-${fingerprint(...pins)}`);
}

/** True when the environment is there and whole. */
export const hasPython = (at: Locations): boolean => isComplete(pythonFolder(at));

function writeWrappers(bin: string): void {
  for (const [name, file] of Object.entries(wrappers)) {
    const source = readFileSync(join(folder, file), "utf8");
    writeWhole(join(bin, name), `#!${join(bin, "python3")}\n${source}`, 0o755);
  }
}

/** Makes the environment; a half-made one is made again. */
export function installPython(at: Locations, reporter: Reporter): Promise<void> {
  const venv = pythonFolder(at);
  const requirements = [
    // Two packages exist as source only; pip would fetch what builds them without checking a hash.
    { file: join(folder, "build.txt"), options: ["--only-binary", ":all:"] },
    { file: join(folder, "requirements.txt"), options: ["--no-build-isolation"] },
  ];
  const finish = (): void => {
    writeWrappers(join(venv, "bin"));
  };
  return makeEnvironment(
    { folder: venv, name: "python", contents: "Patroni and supervisor", requirements, finish },
    reporter,
  );
}
