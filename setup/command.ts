import { chmodSync, copyFileSync, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { buildBundles, bundleHash, commandAsOneFile } from "./build";
import { makeFolder } from "../lib/files";
import { checkout, isExecutable, type Locations, nodePath } from "../lib/paths";
import type { Reporter } from "../lib/reporter";

/** Where the service user finds the command: the checkout may lie in a home that it cannot enter. Another bundle, another file. */
export const opsPath = (at: Locations): string => join(at.programs, `howdah-${bundleHash(commandAsOneFile)}.cjs`);

/** True if both are in place. */
export const hasOps = (at: Locations): boolean => existsSync(opsPath(at)) && isExecutable(nodePath(at));

function install(from: string, to: string): void {
  const fresh = `${to}.${process.pid}.tmp`;
  copyFileSync(from, fresh);
  chmodSync(fresh, 0o755);
  renameSync(fresh, to);
}

/** Puts the command, and Node if need be, among the servers' programs. */
export function installCommandFile(at: Locations): void {
  makeFolder(at.programs, 0o755);
  install(join(checkout, commandAsOneFile.output), opsPath(at));
  if (!isExecutable(nodePath(at))) install(process.execPath, nodePath(at));
}

/** The command of this checkout as any user can run it, put in place first if it is not there. */
export async function installedCommand(at: Locations, reporter: Reporter): Promise<string[]> {
  await buildBundles(reporter, [commandAsOneFile]);
  if (!hasOps(at)) installCommandFile(at);
  return [nodePath(at), opsPath(at)];
}
