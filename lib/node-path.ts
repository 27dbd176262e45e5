import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Locations } from "./paths";

const openToAll = (path: string): boolean => {
  const open = (statSync(path).mode & 0o001) !== 0;
  return path === "/" ? open : open && openToAll(dirname(path));
};

/** Node, as the servers' user can run it: the one that runs us, or a copy of it where that lies in a home. */
export const nodePath = (at: Pick<Locations, "programs">, own: string = process.execPath): string =>
  process.getuid?.() !== 0 || openToAll(own) ? own : join(at.programs, `node-${process.versions.node}`);
