import { dirname, join } from "node:path";
import type { Locations } from "../paths";
import type { Voice } from "../say";
import { builtEngine, buildEngine } from "./source";
import { findOnPath } from "./on-path";
import { installedEngine, tryInstaller } from "./installer";

/** A usable `pulumi`, its language host for Node beside it or on PATH. */
export interface Engine {
  readonly path: string;
  readonly version: string;
  readonly source: "found on PATH" | "official installer" | "built from its Go modules";
}

/** The engine that is there already, without any work beyond a few looks at files. */
export function findEngine(at: Locations, voice: Voice): Engine | undefined {
  return findOnPath(at, voice) ?? installedEngine(at) ?? builtEngine(at);
}

/**
 * An engine, whatever the machine: the official installer, else a build from the Go modules (about 5 minutes on 2 cores,
 * once). Throws a `Failure` when neither is possible.
 */
export async function takeEngine(at: Locations, voice: Voice): Promise<Engine> {
  return (await tryInstaller(at, voice)) ?? (await buildEngine(at, voice));
}

/** Folder that has to be on PATH for the engine to find its language host. */
export const engineFolder = (engine: Engine): string => dirname(engine.path);

/** Folder of engines in the cache. */
export const engineCache = (at: Locations): string => join(at.cache, "engine");
