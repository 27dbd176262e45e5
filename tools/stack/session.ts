import { join } from "node:path";
import { engineFolder } from "../engine/engine";
import { makeFolder, readText } from "../files";
import { nodePath, opsPath } from "../ops";
import { wantedPostgres } from "../packages";
import { patroniFolder } from "../patroni";
import { checkout, locations, type Locations } from "../paths";
import { onlyProgress, type Voice } from "../say";
import { defaultPostgres, setUp } from "../setup";
import { supercronicPath } from "../supercronic";
import { deleteBrokenAttributes } from "./attributes";
import { backendFolder, engineEnvironment, isLocal } from "./environment";
import { ensurePassphrase } from "./passphrase";

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
  readonly voice: Voice;
}

/** Makes the machine ready (silently when it is) and gives what the engine needs. */
export async function openSession(stack: string, voice: Voice, quiet = true): Promise<Session> {
  const env = process.env;
  const at = locations();
  const named = env["HOWDAH_CONFIG_FILE"] ?? "";
  const source = named === "" ? join(checkout, `Pulumi.${stack.split("/").at(-1) ?? stack}.yaml`) : named;
  const config = readText(source);
  const local = isLocal(stack, config);
  const bare = { env, at, stack, local, patroni: join(patroniFolder(at), "bin"), supercronic: supercronicPath(at) };
  // A stack without a backend is refused before minutes are spent on the set-up.
  engineEnvironment({ ...bare, engineFolder: "", howdah: { node: "", script: "" } });
  const needs = local ? { postgres: wantedPostgres(config) ?? defaultPostgres } : "engine";
  const { engine } = await setUp(needs, quiet ? onlyProgress(voice) : voice, at);
  const howdah = { node: nodePath(at), script: opsPath(at) };
  const environment = engineEnvironment({ ...bare, engineFolder: engineFolder(engine), howdah });
  const backend = local ? backendFolder(environment) : undefined;
  if (backend !== undefined) {
    makeFolder(backend, 0o700);
    deleteBrokenAttributes(backend);
  }
  if (environment["PULUMI_CONFIG_PASSPHRASE_FILE"] === at.passphraseFile) ensurePassphrase(at);
  return { stack, engine: engine.path, environment, at, ...(backend === undefined ? {} : { backend }), source, voice };
}
