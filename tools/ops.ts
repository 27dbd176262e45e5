import { chmodSync, copyFileSync, existsSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundleHash, bundles } from "./build";
import { makeFolder } from "./files";
import { checkout, isExecutable, type Locations } from "./paths";

/** The bundle of the `howdah` command. */
const bundle = bundles.find(({ entry }) => entry === "ops/main.ts") ?? { entry: "", output: "" };

/** Where the servers' user finds the command: the checkout may lie in a home that it cannot enter. Another bundle, another file. */
export const opsPath = (at: Locations): string => join(at.programs, `howdah-${bundleHash(bundle)}.cjs`);

const openToAll = (path: string): boolean => {
  const open = (statSync(path).mode & 0o001) !== 0;
  return path === "/" ? open : open && openToAll(dirname(path));
};

/** Node, as the servers' user can run it: the one that runs us, or a copy of it where that lies in a home. */
export const nodePath = (at: Locations, own: string = process.execPath): string =>
  process.getuid?.() !== 0 || openToAll(own) ? own : join(at.programs, `node-${process.versions.node}`);

/** True where both are in place. */
export const hasOps = (at: Locations): boolean => existsSync(opsPath(at)) && isExecutable(nodePath(at));

function install(from: string, to: string): void {
  const fresh = `${to}.${process.pid}.tmp`;
  copyFileSync(from, fresh);
  chmodSync(fresh, 0o755);
  renameSync(fresh, to);
}

/** Puts the command, and Node where need be, among the servers' programs. */
export function takeOps(at: Locations): void {
  makeFolder(at.programs, 0o755);
  install(join(checkout, bundle.output), opsPath(at));
  if (!isExecutable(nodePath(at))) install(process.execPath, nodePath(at));
}
