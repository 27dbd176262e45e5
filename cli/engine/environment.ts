import { delimiter, join } from "node:path";
import { Failure } from "../../lib/errors";
import { withoutForeign } from "../../lib/process/environment";
import type { Locations } from "../../lib/paths";

/** The stack that a command without one is about. */
export const defaultStack = "local";

/** The stack that a command is about: named, else `PULUMI_STACK`, else the default one. */
export const chosenStack = (named: string | undefined, env: NodeJS.ProcessEnv): string =>
  [named, env["PULUMI_STACK"]].find((name) => name !== undefined && name !== "") ?? defaultStack;

/** What the environment of the engine is made of. */
export interface EngineEnvironmentInput {
  readonly env: NodeJS.ProcessEnv;
  readonly at: Locations;
  readonly stack: string;
  /** Whether the stack is one of this machine. */
  readonly local: boolean;
  /** The stack's config file if there is none. */
  readonly missing?: string | undefined;
  /** Folder of the engine and its language host. */
  readonly engineFolder: string;
  /** `bin` of the virtual environment of Patroni and supervisor. */
  readonly python: string;
  /** The cron runner. */
  readonly supercronic: string;
  readonly pgbouncer: string;
  /** Node and the `howdah` command, for the service user. */
  readonly howdah: { readonly node: string; readonly script: string };
}

const noBackend = (stack: string): string =>
  `no backend for stack "${stack}": only local stacks have a default backend.\n` +
  "Set PULUMI_BACKEND_URL (for example s3://bucket, with PULUMI_CONFIG_PASSPHRASE_FILE or a secrets provider), or PULUMI_ACCESS_TOKEN\n" +
  "for Pulumi Cloud. A local stack has `howdah:platform: local` in its config.";

const noConfig = (stack: string, path: string): string =>
  `stack "${stack}" has no config: ${path} does not exist.\n` +
  "Create it, for example as a copy of Pulumi.local.yaml. A local stack has `howdah:platform: local` in it.";

/**
 * Environment of the engine for a stack. What the user has set wins; local stacks get the file backend and passphrase.
 * Throws a `Failure` for another stack without a backend.
 */
export function engineEnvironment(input: EngineEnvironmentInput): NodeJS.ProcessEnv {
  const { env, at, stack, local, engineFolder, python, supercronic, pgbouncer, howdah } = input;
  const isSet = (name: string): boolean => (env[name] ?? "") !== "";
  const common = {
    ...withoutForeign(env),
    PATH: [engineFolder, env["PATH"] ?? ""].join(delimiter),
    PULUMI_HOME: at.pulumiHome,
    PULUMI_STACK: stack,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    // By itself ts-node runs what it finds under a name in /tmp that anybody can foresee.
    TS_NODE_CACHE_DIRECTORY: join(at.cache, "ts-node"),
  };
  if (!local) {
    if (!isSet("PULUMI_BACKEND_URL") && !isSet("PULUMI_ACCESS_TOKEN"))
      throw new Failure(input.missing === undefined ? noBackend(stack) : noConfig(stack, input.missing));
    return common;
  }
  const hasPassphrase = isSet("PULUMI_CONFIG_PASSPHRASE_FILE") || env["PULUMI_CONFIG_PASSPHRASE"] !== undefined;
  return {
    ...common,
    // Every plugin of a local stack is installed by the setup.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...(isSet("PULUMI_BACKEND_URL") ? {} : { PULUMI_BACKEND_URL: `file://${at.backend}` }),
    ...(hasPassphrase ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: at.passphraseFile }),
    HOWDAH_STATE_ROOT: at.root,
    HOWDAH_PYTHON: python,
    HOWDAH_SUPERCRONIC: supercronic,
    HOWDAH_PGBOUNCER: pgbouncer,
    HOWDAH_NODE: howdah.node,
    HOWDAH_OPS: howdah.script,
  };
}

/** Folder of a file backend, or undefined for any other. */
export function backendFolder(environment: NodeJS.ProcessEnv): string | undefined {
  const url = environment["PULUMI_BACKEND_URL"] ?? "";
  return url.startsWith("file:///") ? url.slice("file://".length).replace(/\?.*$/s, "") : undefined;
}
