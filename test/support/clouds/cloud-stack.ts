import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { saltOf } from "../../../cli/engine/config-file";
import { checkout } from "../../../lib/paths";
import { masterPasswordVariable } from "../../simulation/aws/invokes";
import { serverPortVariable } from "../../simulation/aws/real-server";
import { World, worldVariable } from "../../simulation/world";
import { simulationEnvironment, takeSimulatedPlugins } from "./simulated-plugins";
import type { StackConfig } from "../stack/stack";
import { EngineStack } from "../engine-stack";
import { type EngineRun, runHowdah } from "../typescript";

/** One planned operation of a preview. */
export interface CloudStep {
  readonly op: string;
  readonly type: string;
  /** Logical name of the resource. */
  readonly name: string;
  /** Properties that differ, as dotted paths; empty for creations and deletions. */
  readonly properties: readonly string[];
}

/** A real server in the place of the simulated ones, for the SQL of a stack. */
export interface RealServer {
  readonly port: number;
  readonly password: string;
  /** PEM file of the authority that signed its certificate. */
  readonly caFile: string;
}

/** Settings of a `Pulumi.<stack>.yaml`, keys without the namespace. */
export function configOf(stack: string): StackConfig {
  const file = parse(readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8")) as { config: StackConfig };
  return Object.fromEntries(Object.entries(file.config).map(([key, value]) => [key.replace(/^howdah:/, ""), value]));
}

/**
 * A cloud stack on the real engine, whose `aws` and `kubernetes` plugins only simulate: no account, no cluster, and an own world,
 * state and cache of plugins. Everything goes through the commands that a user types.
 */
export class CloudStack extends EngineStack {
  readonly root = mkdtempSync(join(tmpdir(), "howdah-cloud-"));
  readonly world = new World(join(this.root, "world"));
  private readonly configFile = join(this.root, "config.yaml");
  private salt: string | undefined;

  /** @param config as in a `Pulumi.<stack>.yaml`, keys without the namespace */
  constructor(
    readonly name: string,
    public config: StackConfig,
    private readonly server?: RealServer,
  ) {
    super();
  }

  /** Takes the plugins, and makes the stack in a file backend of its own. */
  async start(): Promise<void> {
    mkdirSync(join(this.root, "state"));
    this.writeConfig();
    await takeSimulatedPlugins(this.environment());
    const scratch = join(this.root, "scratch");
    mkdirSync(scratch);
    writeFileSync(join(scratch, "Pulumi.yaml"), "name: howdah\nruntime: nodejs\n");
    // The engine writes the salt next to the project's file, which must not be the checkout's.
    const made = await this.run(["stack", "init", this.name, "--no-select", "--non-interactive", "-C", scratch]);
    if (made.code !== 0) throw new Error(`stack init failed (${made.code}):\n${made.output}`);
    this.salt = saltOf(readFileSync(join(scratch, `Pulumi.${this.name}.yaml`), "utf8"));
  }

  /** What the next `up` would do, without what changes nothing; sorted by name. `--refresh` looks at the world first. */
  async plan(...options: string[]): Promise<CloudStep[]> {
    const steps = await this.preview(...options);
    return steps
      .map(({ op, urn, detailedDiff }) => ({
        op,
        type: urn.split("::")[2]?.split("$").at(-1) ?? "",
        name: urn.split("::")[3] ?? "",
        properties: Object.keys(detailedDiff ?? {}).sort(),
      }))
      .sort((a, b) => (`${a.name} ${a.op}` < `${b.name} ${b.op}` ? -1 : 1));
  }

  pulumi(...args: string[]): Promise<EngineRun> {
    const [command = ""] = args;
    const readsConfig = ["up", "preview", "refresh", "destroy"].includes(command);
    this.writeConfig();
    return this.run([...args, "--stack", this.name, ...(readsConfig ? ["--config-file", this.configFile] : [])]);
  }

  /** Leaves nothing behind. What a stack protects is only simulated. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  environment(): Record<string, string> {
    const { root, server } = this;
    return {
      ...(process.env as Record<string, string>),
      ...simulationEnvironment(),
      [worldVariable]: this.world.root,
      PULUMI_BACKEND_URL: `file://${join(root, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      PULUMI_STACK: this.name,
      HOWDAH_CONFIG_FILE: this.configFile,
      ...(server === undefined
        ? {}
        : {
            [masterPasswordVariable]: server.password,
            [serverPortVariable]: String(server.port),
            HOWDAH_SIMULATION_AUTHORITY: server.caFile,
            NODE_OPTIONS: `--import ${join(checkout, "test/simulation/trust.mjs")}`,
          }),
    };
  }

  private run(args: string[]): Promise<EngineRun> {
    return runHowdah(["pulumi", ...args], this.environment());
  }

  /** Writes what `config` says, with the way to the real server, where the engine reads it. */
  private writeConfig(): void {
    const aws = this.config["aws"] as object;
    const administration = this.server === undefined ? {} : { administration: { host: "localhost", port: this.server.port } };
    const config = { ...this.config, aws: { ...aws, ...administration } };
    const keys = Object.fromEntries(Object.entries(config).map(([key, value]) => [`howdah:${key}`, value]));
    const salt = this.salt === undefined ? {} : { encryptionsalt: this.salt };
    writeFileSync(this.configFile, stringify({ config: keys, ...salt }));
  } // prettier-ignore
}
