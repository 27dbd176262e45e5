import { join } from "node:path";
import { engineFolder } from "../../setup/engine/engine";
import { makeFolder, readText } from "../../lib/files";
import { installedCommand, opsPath } from "../../setup/command";
import { usualPostgres } from "../../setup/packages/distribution";
import { wantedPostgres, wantsMonitoring } from "../../setup/packages/packages";
import { checkout, locations, type Locations, nodePath } from "../../lib/paths";
import { poolerPath } from "../../setup/pgbouncer";
import { pythonFolder } from "../../setup/python";
import { onlyProgress, type Reporter } from "../../lib/reporter";
import { setUp } from "../../setup/setup";
import { supercronicPath } from "../../setup/supercronic";
import { deleteBrokenAttributes } from "./attributes";
import { checkpointFile } from "./checkpoint";
import { backendFolder, engineEnvironment, type EngineEnvironmentInput } from "./environment";
import { extensionPackages } from "../../stacks/config/extension-packages";
import { isLocal } from "./is-local";
import { ensurePassphrase } from "./passphrase";
import { recordedVersion, withVersion } from "./postgres-version";

/** Everything needed to run the engine for one stack. */
export interface Session {
  readonly stack: string;
  readonly engine: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly at: Locations;
  /** Folder of the file backend, for stacks of this machine; their config file is managed by us. */
  readonly backend?: string;
  /** The stack's config as the user edits it. */
  readonly source: string;
  /** Its text, see `StackLocation`. */
  readonly config: string | undefined;
  readonly reporter: Reporter;
}

/** Where a stack is and what its config says, found without touching anything. */
export interface StackLocation {
  readonly stack: string;
  readonly at: Locations;
  /** The stack's config as the user edits it. */
  readonly source: string;
  /** Its text; undefined if there is none. On a file backend of this machine it names a version of PostgreSQL, which ours adds. */
  readonly config: string | undefined;
  readonly local: boolean;
  /** Folder of the file backend, for stacks of this machine. */
  readonly backend?: string;
}

/** Programs that only the setup knows. */
type Programs = Pick<EngineEnvironmentInput, "engineFolder" | "howdah">;

function environmentOf(location: StackLocation, programs: Programs): NodeJS.ProcessEnv {
  const { at, stack, local, config, source } = location;
  const servers = {
    python: join(pythonFolder(at), "bin"),
    supercronic: supercronicPath(at),
    pgbouncer: local ? poolerPath(at) : "",
  };
  const missing = config === undefined ? source : undefined;
  return engineEnvironment({ env: process.env, at, stack, local, missing, ...servers, ...programs });
}

/** Throws a `Failure` for a stack without a backend. */
export function locateStack(stack: string): StackLocation {
  const at = locations();
  const named = process.env["HOWDAH_CONFIG_FILE"] ?? "";
  const source = named === "" ? join(checkout, `Pulumi.${stack.split("/").at(-1) ?? stack}.yaml`) : named;
  const config = readText(source);
  const location = { stack, at, source, config, local: isLocal(stack, config) };
  const environment = environmentOf(location, { engineFolder: "", howdah: { node: "", script: "" } });
  const backend = location.local ? backendFolder(environment) : undefined;
  if (backend === undefined) return location;
  // A stack keeps its version, whatever the distribution has after an upgrade.
  const version = (): number => recordedVersion(readText(checkpointFile({ backend, stack }))) ?? usualPostgres();
  return { ...location, backend, ...(config === undefined ? {} : { config: withVersion(config, version) }) };
}

/** Makes the machine ready (silently when it is) and gives what the engine needs. */
export async function openSession(stack: string, reporter: Reporter, quiet = true): Promise<Session> {
  // A stack without a backend is refused before minutes are spent on the setup.
  const location = locateStack(stack);
  const { at, source, config, local, backend } = location;
  const postgres = wantedPostgres(config) ?? usualPostgres();
  const servers = {
    postgres,
    extensions: extensionPackages(config, postgres),
    monitoring: wantsMonitoring(config),
  };
  const needs = local ? servers : "engine";
  const { engine } = await setUp(needs, quiet ? onlyProgress(reporter) : reporter, at);
  const howdah = { node: nodePath(at), script: opsPath(at) };
  const environment = environmentOf(location, { engineFolder: engineFolder(engine), howdah });
  if (backend !== undefined) {
    makeFolder(backend, 0o700);
    deleteBrokenAttributes(backend);
  }
  if (environment["PULUMI_CONFIG_PASSPHRASE_FILE"] === at.passphraseFile) ensurePassphrase(at);
  return {
    stack,
    engine: engine.path,
    environment,
    at,
    ...(backend === undefined ? {} : { backend }),
    source,
    config,
    reporter,
  };
}

/** The `howdah` command as any user of this machine can run it. */
export const commandForAll = (reporter: Reporter): Promise<string[]> => installedCommand(locations(), reporter);
