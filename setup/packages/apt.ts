import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../../lib/errors";
import { onPath } from "../../lib/paths";
import { capture, follow } from "../../lib/process/attended";
import type { Reporter } from "../../lib/reporter";

/** A Debian package that the local platform runs, known by a program of it. */
export interface DebianPackage {
  readonly name: string;
  readonly program: string;
  /** Default service that the package would start by itself. */
  readonly service?: string;
}

/** What a user without root asks an administrator for. */
export const askToInstall = (packages: readonly DebianPackage[]): string =>
  `Ask an administrator to run:\n  sudo apt-get install --no-install-recommends ${packages.map(({ name }) => name).join(" ")}\n` +
  "and try again.";

/** Files that hold Debian's maintainer scripts back while we install; `root` is `/` outside tests. */
export function guardFiles(root = "/"): { policy: string; saved: string; cluster: string } {
  const policy = join(root, "usr/sbin/policy-rc.d");
  const cluster = join(root, "etc/postgresql-common/createcluster.d/howdah.conf");
  return { policy, saved: `${policy}.before-howdah`, cluster };
}

/** Takes the guards away and puts back what was there, also what a killed run has left. */
export function removeGuards(root = "/"): void {
  const { policy, saved, cluster } = guardFiles(root);
  // Each order is right wherever we are killed: what is left is told apart by `saved` and `cluster`.
  if (existsSync(saved)) {
    rmSync(cluster, { force: true });
    renameSync(saved, policy);
  } else if (existsSync(cluster)) {
    rmSync(policy, { force: true });
    rmSync(cluster);
  }
}

/** No package may start its default service, and postgresql-common may not make a default cluster. */
export function placeGuards(root = "/"): void {
  removeGuards(root);
  const { policy, saved, cluster } = guardFiles(root);
  // The order lets `removeGuards` tell our policy from the machine's own, wherever we are interrupted.
  if (existsSync(policy)) renameSync(policy, saved);
  mkdirSync(dirname(cluster), { recursive: true });
  writeFileSync(cluster, "create_main_cluster = false\n");
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
}

async function apt(args: string[], what: string, reporter: Reporter): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const options = ["-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold"];
  const ended = await follow({ program: "apt-get", args: [...options, ...args], env }, (line) => {
    reporter.progress(`${what}: ${line}`);
  });
  if (ended.code !== 0) throw new Failure(`apt-get ${args.join(" ")} failed:\n${ended.stderr}`);
}

/** Fetches the package lists. */
export const updateLists = (reporter: Reporter): Promise<void> => apt(["update"], "package lists", reporter);

/** Keeps services that came with our packages from starting at the next boot, on ports that a stack may use. */
function disableServices(packages: readonly DebianPackage[]): void {
  const services = packages.flatMap(({ service }) => service ?? []);
  for (const service of services) capture({ program: "update-rc.d", args: [service, "disable"] });
}

/** Installs packages as root without starting or enabling anything of theirs. Throws a `Failure` with apt's own words. */
export async function installPackages(packages: readonly DebianPackage[], reporter: Reporter): Promise<void> {
  if (onPath("apt-get") === undefined)
    throw new Failure(`this is not Debian: install ${packages.map(({ program }) => program).join(", ")} yourself`);
  const undo = (): void => {
    removeGuards();
  };
  process.once("exit", undo);
  placeGuards();
  try {
    await updateLists(reporter);
    const names = packages.map(({ name }) => name);
    await apt(["install", "--yes", "--no-install-recommends", ...names], "packages", reporter);
    disableServices(packages);
    reporter.note(`installed ${names.join(", ")}; none of their services was started`);
  } finally {
    process.removeListener("exit", undo);
    removeGuards();
  }
}
