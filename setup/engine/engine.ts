import { dirname } from "node:path";
import type { Locations } from "../../lib/paths";
import type { Reporter } from "../../lib/reporter";
import { builtEngine } from "./source";
import { findOnPath } from "./on-path";
import type { Engine } from "./types";

/** The installed engine, found by checking a few files. */
export function findEngine(at: Locations, reporter: Reporter): Engine | undefined {
  return findOnPath(at, reporter) ?? builtEngine(at);
}

/** Folder that has to be on PATH for the engine to find its language host. */
export const engineFolder = (engine: Engine): string => dirname(engine.path);
