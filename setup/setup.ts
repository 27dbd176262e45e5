import { join } from "node:path";
import { buildBundles } from "./build";
import { findEngine } from "./engine/engine";
import { buildEngine } from "./engine/source";
import type { Engine } from "./engine/types";
import { Failure, runScript } from "../lib/errors";
import { makeFolder } from "../lib/files";
import { withLock } from "../lib/lock";
import { usualPostgres } from "./packages/distribution";
import {
  checkPostgresVersion,
  ensurePackages,
  installedPostgres,
  missingPackages,
  type WantedServers,
} from "./packages/packages";
import { hasOps, opsPath, installCommandFile } from "./command";
import { locations, type Locations } from "../lib/paths";
import { describePlugin, hasPlugin, readWish, installPlugins, wantedPlugins } from "./plugins";
import { hasPooler, installPooler, poolerPath, versionOf } from "./pgbouncer";
import { hasPython, pythonFolder, installPython } from "./python";
import { createReporter, type Reporter } from "../lib/reporter";
import { hasSupercronic, supercronicPath, installSupercronic } from "./supercronic";

/** What the setup has found or taken. */
export interface Ready {
  readonly engine: Engine;
}

/** What a stack needs of this machine: cloud stacks need no servers here. */
export type Needs = "engine" | WantedServers;

interface Step {
  readonly what: string;
  readonly isDone: () => boolean;
  readonly install: () => Promise<void>;
  readonly detail: () => string;
}

function serverSteps(at: Locations, reporter: Reporter, servers: WantedServers): Step[] {
  const { postgres } = servers;
  checkPostgresVersion(postgres);
  return [
    {
      what: "packages",
      isDone: () => missingPackages(servers).length === 0,
      install: () => ensurePackages(servers, reporter),
      detail: () =>
        `PostgreSQL ${installedPostgres(postgres)}, etcd, HAProxy, pgBackRest${servers.monitoring === true ? ", Prometheus" : ""}`,
    },
    {
      what: "pgbouncer",
      isDone: () => hasPooler(at),
      install: () => installPooler(at, reporter),
      detail: () => `${versionOf(poolerPath(at))}: ${poolerPath(at)}`,
    },
    {
      what: "python",
      isDone: () => hasPython(at),
      install: () => installPython(at, reporter),
      detail: () => `Patroni, supervisor: ${pythonFolder(at)}`,
    },
    {
      what: "supercronic",
      isDone: () => hasSupercronic(at),
      install: () => installSupercronic(at, reporter),
      detail: () => supercronicPath(at),
    },
    {
      what: "howdah",
      isDone: () => hasOps(at),
      install: () => {
        installCommandFile(at);
        return Promise.resolve();
      },
      detail: () => opsPath(at),
    },
  ];
}

/** Runs `install` unless done, alone on this machine: a second run waits and then finds the work done. */
export async function once(at: Locations, reporter: Reporter, step: Step): Promise<void> {
  if (!step.isDone()) {
    const waiting = (pid: string): void => {
      reporter.progress(`${step.what}: waiting for another setup (process ${pid})`);
    };
    await withLock(join(at.cache, "setup.lock"), waiting, async () => {
      if (!step.isDone()) await step.install();
    });
  }
  reporter.done(step.what, step.detail);
}

/**
 * Makes this machine ready, in order: engine, plugins, packages, programs of the servers. Takes a few milliseconds when all is there.
 * Throws a `Failure` that says what is missing and what to do.
 */
export async function setUp(needs: Needs, reporter: Reporter, at: Locations = locations()): Promise<Ready> {
  if (Number(process.versions.node.split(".")[0]) < 20)
    throw new Failure(`Node ${process.versions.node} is too old: 20 or newer is needed`);
  makeFolder(at.cache, 0o700);
  let engine = findEngine(at, reporter);
  const installEngine = async (): Promise<void> => {
    engine = await buildEngine(at, reporter);
  };
  const isFound = (): boolean => (engine ??= findEngine(at, reporter)) !== undefined;
  await once(at, reporter, {
    what: "engine",
    isDone: isFound,
    install: installEngine,
    detail: () => `Pulumi v${engine?.version ?? "?"}, ${engine?.source ?? "?"}`,
  });
  if (engine === undefined) throw new Error("no engine after the setup");
  await installAllPlugins(at, engine, reporter);
  if (needs !== "engine") for (const step of serverSteps(at, reporter, needs)) await once(at, reporter, step);
  return { engine };
}

async function installAllPlugins(at: Locations, engine: Engine, reporter: Reporter): Promise<void> {
  await buildBundles(reporter);
  const wish = readWish(process.env["HOWDAH_PLUGINS"]);
  await once(at, reporter, {
    what: "plugins",
    isDone: () => wantedPlugins().every((plugin) => hasPlugin(at, plugin, wish)),
    install: () => installPlugins({ at, engine }, reporter),
    detail: () =>
      wantedPlugins()
        .map((plugin) => describePlugin(at, plugin))
        .join(", "),
  });
}

if (require.main === module) {
  runScript(async () => {
    await setUp({ postgres: usualPostgres(), monitoring: true, tests: true }, createReporter());
    return 0;
  });
}
