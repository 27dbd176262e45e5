import { join } from "node:path";
import { postgresVersions } from "../contracts/postgres-versions";
import { buildBundles } from "./build";
import { findEngine } from "./engine/engine";
import { buildEngine } from "./engine/source";
import type { Engine } from "./engine/types";
import { Failure, runScript } from "../lib/errors";
import { makeFolder } from "../lib/files";
import { withLock } from "../lib/lock";
import { installedPostgres, checkPostgresVersion, missingPackages, takePackages } from "./packages/packages";
import { hasOps, opsPath, takeOps } from "./command";
import { locations, type Locations } from "../lib/paths";
import { describePlugin, hasPlugin, readWish, takePlugins, wantedPlugins } from "./plugins";
import { hasPython, pythonFolder, takePython } from "./python";
import { createVoice, type Voice } from "../lib/reporter";
import { hasSupercronic, supercronicPath, takeSupercronic } from "./supercronic";

/** What the set-up has found or taken. */
export interface Ready {
  readonly engine: Engine;
}

/** What a stack needs of this machine: cloud stacks need no servers here. */
export type Needs =
  | "engine"
  | {
      /** Major version of the servers. */
      readonly postgres: number;
    };

interface Step {
  readonly what: string;
  readonly isDone: () => boolean;
  readonly take: () => Promise<void>;
  readonly detail: () => string;
}

function serverSteps(at: Locations, voice: Voice, postgres: number): Step[] {
  checkPostgresVersion(postgres);
  return [
    {
      what: "packages",
      isDone: () => missingPackages(postgres).length === 0,
      take: () => takePackages(postgres, voice),
      detail: () => `PostgreSQL ${installedPostgres(postgres)}, etcd, HAProxy, PgBouncer, pgBackRest`,
    },
    {
      what: "python",
      isDone: () => hasPython(at),
      take: () => takePython(at, voice),
      detail: () => `Patroni, supervisor: ${pythonFolder(at)}`,
    },
    {
      what: "supercronic",
      isDone: () => hasSupercronic(at),
      take: () => takeSupercronic(at, voice),
      detail: () => supercronicPath(at),
    },
    {
      what: "howdah",
      isDone: () => hasOps(at),
      take: () => {
        takeOps(at);
        return Promise.resolve();
      },
      detail: () => opsPath(at),
    },
  ];
}

/** Runs `take` unless done, alone on this machine: a second run waits and then finds the work done. */
async function once(at: Locations, voice: Voice, step: Step): Promise<void> {
  if (!step.isDone()) {
    const waiting = (pid: string): void => {
      voice.progress(`${step.what}: waiting for another setup (process ${pid})`);
    };
    await withLock(join(at.cache, "setup.lock"), waiting, async () => {
      if (!step.isDone()) await step.take();
    });
  }
  voice.done(step.what, step.detail);
}

/**
 * Makes this machine ready, in order: engine, plugins, packages, programs of the servers. Takes a few milliseconds when all is there.
 * Throws a `Failure` that says what is missing and what to do.
 */
export async function setUp(needs: Needs, voice: Voice, at: Locations = locations()): Promise<Ready> {
  if (Number(process.versions.node.split(".")[0]) < 20)
    throw new Failure(`Node ${process.versions.node} is too old: 20 or newer is needed`);
  makeFolder(at.cache, 0o700);
  let engine = findEngine(at, voice);
  const takeIt = async (): Promise<void> => {
    engine = await buildEngine(at, voice);
  };
  const isFound = (): boolean => (engine ??= findEngine(at, voice)) !== undefined;
  await once(at, voice, {
    what: "engine",
    isDone: isFound,
    take: takeIt,
    detail: () => `Pulumi v${engine?.version ?? "?"}, ${engine?.source ?? "?"}`,
  });
  if (engine === undefined) throw new Error("no engine after the setup");
  await takeAllPlugins(at, engine, voice);
  if (needs !== "engine") for (const step of serverSteps(at, voice, needs.postgres)) await once(at, voice, step);
  return { engine };
}

async function takeAllPlugins(at: Locations, engine: Engine, voice: Voice): Promise<void> {
  await buildBundles(voice);
  const wish = readWish(process.env["HOWDAH_PLUGINS"]);
  await once(at, voice, {
    what: "plugins",
    isDone: () => wantedPlugins().every((plugin) => hasPlugin(at, plugin, wish)),
    take: () => takePlugins({ at, engine }, voice),
    detail: () =>
      wantedPlugins()
        .map((plugin) => describePlugin(at, plugin))
        .join(", "),
  });
}

if (require.main === module) {
  runScript(async () => {
    await setUp({ postgres: postgresVersions.usual }, createVoice());
    return 0;
  });
}
