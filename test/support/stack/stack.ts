import { mkdtempSync, chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig } from "pg";
import { stringify } from "yaml";
import { clusterView, type MemberView } from "./members";
import { usualPostgres } from "../../../setup/packages/distribution";
import { EngineStack } from "../engine-stack";
import { type EngineRun, runHowdah } from "../typescript";

export type { MemberView } from "./members";
export type { EngineRun } from "../typescript";
export { superuser } from "./superuser";

/** Config of a stack, keys without the namespace. */
export type StackConfig = Record<string, unknown>;

/** One planned operation of a preview. */
export interface PlannedStep {
  readonly op: string;
  /** Logical name of the resource. */
  readonly name: string;
}

/** A URL of an application. */
export type Way = "readWrite" | "readOnly" | "direct";

interface Outputs {
  readonly connections: Record<string, Record<Way, string>>;
  readonly ca: string;
  readonly pooler: { readonly host: string; readonly port: number };
  readonly nodes: readonly {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly agent: string;
    readonly dataDirectory: string;
  }[];
  readonly settings: Record<string, Record<string, unknown>>;
  readonly backup: {
    readonly repository: string;
    readonly stanza: string;
    readonly jobFile: string;
    readonly lastVerifiedAt: string;
    readonly measuredRtoSeconds: number;
    readonly measuredRpoSeconds?: number;
  };
  readonly backupKey: string;
  readonly monitoring?: { readonly prometheus: string; readonly alertmanager: string; readonly user: string };
  readonly monitoringPassword?: string;
}

/** A small stack whose parts are all there, except the monitoring; merge what a test needs into it. */
export const smallConfig = (portBase: number): StackConfig => ({
  platform: "local",
  objectives: { rto: "30 seconds", rpo: "0 seconds" },
  postgres: { version: usualPostgres(), replicas: 2, memory: "512 MB", cpus: 1 },
  databases: {
    app: {
      applications: {
        app: { access: "readwrite", pool: 4, overflow: 2 },
        reports: { access: "readonly", pool: 2, overflow: 1 },
        app_migrator: { access: "owner", pool: 1, overflow: 1 },
      },
    },
  },
  monitoring: { enabled: false },
  local: { portBase },
});

/**
 * A stack of its own on real servers: own name, ports, state folder and config. `destroy` leaves nothing behind.
 * Everything goes through the commands that a user types.
 */
export class TestStack extends EngineStack {
  readonly root: string;
  private readonly configFile: string;
  private known: Promise<Outputs> | undefined;

  constructor(
    readonly name: string,
    public config: StackConfig,
  ) {
    super();
    this.root = mkdtempSync(join(tmpdir(), "howdah-"));
    // The service user has to pass through.
    chmodSync(this.root, 0o711);
    this.configFile = join(this.root, "config.yaml");
  }

  pulumi(...args: string[]): Promise<EngineRun> {
    if (args[0] === "up") this.known = undefined;
    return this.howdah(["pulumi", ...args, "--stack", this.name]);
  }

  /** Operations that the next `up` would do, those that change nothing left out. `--refresh` looks at the SQL objects too. */
  async plan(...options: string[]): Promise<PlannedStep[]> {
    const steps = await this.preview(...options);
    return steps.map(({ op, urn }) => ({ op, name: urn.split("::").at(-1) ?? "" }));
  }

  /** What the last `up` printed; asked for until there is an answer. */
  outputs(): Promise<Outputs> {
    this.known ??= this.json("stack", "output", "--json", "--show-secrets").catch((error: unknown) => {
      this.known = undefined;
      throw error;
    }) as Promise<Outputs>;
    return this.known;
  }

  /** Deletes everything: services, files, ports, state. */
  async destroy(): Promise<void> {
    const run = await this.howdah(["down", "--yes", "--stack", this.name]);
    if (run.code !== 0) throw new Error(`down failed (${run.code}):\n${run.output}`);
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Settings for `pg`: TLS verified against the stack's authority. */
  async client(application: string, route: Way = "readWrite"): Promise<ClientConfig> {
    const { connections, ca } = await this.outputs();
    const url = new URL(connections[application]?.[route] ?? "");
    return {
      host: url.hostname,
      port: Number(url.port),
      user: url.username,
      password: decodeURIComponent(url.password),
      database: url.pathname.slice(1),
      ssl: { ca: readFileSync(ca, "utf8") },
      connectionTimeoutMillis: 60_000,
    };
  }

  /** Runs one statement as an application, through the pooler. */
  async query(application: string, sql: string, route: Way = "readWrite"): Promise<Record<string, unknown>[]> {
    const client = new Client(await this.client(application, route));
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Members as Patroni sees them; empty while none answers. */
  async members(): Promise<MemberView[]> {
    const { nodes, ca } = await this.outputs();
    for (const { agent } of nodes) {
      const members = await clusterView(agent, readFileSync(ca, "utf8")).catch(() => undefined);
      if (members !== undefined) return members;
    }
    return [];
  }

  /** Waits until `holds` does; throws with the last view after `seconds`. */
  async awaitMembers(holds: (members: MemberView[]) => boolean, seconds: number): Promise<MemberView[]> {
    const { nodes, ca } = await this.outputs();
    const authority = readFileSync(ca, "utf8");
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const views = await Promise.all(nodes.map(({ agent }) => clusterView(agent, authority).catch(() => undefined)));
      const members = views.find((view) => view !== undefined) ?? [];
      if (holds(members)) return members;
      if (Date.now() > end) throw new Error(`after ${seconds} s: ${JSON.stringify(members)}`);
      await sleep(200);
    }
  }

  /** Folder of the stack's files. */
  get directory(): string {
    return join(this.root, this.name);
  }

  /** Path of a file of the stack. */
  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Runs `howdah ARGS` of the checkout in this stack's environment. */
  howdah(args: readonly string[], extra: Record<string, string> = {}): Promise<EngineRun> {
    this.writeConfig();
    return runHowdah(args, { ...process.env, ...this.environment(), ...extra });
  }

  environment(): Record<string, string> {
    return { HOWDAH_STACK: this.name, HOWDAH_CONFIG_FILE: this.configFile, HOWDAH_STATE_ROOT: this.root };
  }

  /** Writes what `config` says where the tools look for it. */
  writeConfig(): void {
    const keys = Object.entries(this.config).map(([key, value]) => [`howdah:${key}`, value]);
    writeFileSync(this.configFile, stringify({ config: Object.fromEntries(keys) as unknown }));
  }
}
