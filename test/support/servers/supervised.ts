import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { host } from "../../../providers/host/host";
import { programStatus } from "../../../lib/supervisor/supervisor";
import { serviceIdentity } from "../../../lib/system/identity";
import { listens } from "../../../lib/system/network";
import { waitFor } from "../../../lib/retry";
import { type Kept, PluginStage } from "../plugins/stage";
import { supervisord } from "../stack/processes";
import { serviceFolder, type ServiceFolder } from "./service-folder";

/** Waits up to 15 s. @throws if the condition never holds */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const look = async (): Promise<true | undefined> => ((await condition()) ? true : undefined);
  if ((await waitFor(look, { timeout: 15_000, interval: 20 })) === undefined) throw new Error("never so");
}

/** A real supervisord in a temporary folder, and servers for it that write down what happens to them. */
export class Supervised {
  private readonly strangers: ChildProcess[] = [];

  private constructor(
    readonly folder: ServiceFolder,
    readonly stage: PluginStage,
    readonly supervisor: Kept,
  ) {}

  static async start(): Promise<Supervised> {
    const folder = await serviceFolder();
    const stage = new PluginStage(host);
    await copyFile(join(__dirname, "listening-child.py"), join(folder.path, "child.py"));
    const directory = join(folder.path, "supervisor");
    return new Supervised(folder, stage, await stage.create("Supervisor", { program: supervisord, directory }));
  }

  get at(): { directory: string } {
    return { directory: this.supervisor.id };
  }

  notesFile(name: string): string {
    return join(this.folder.path, `${name}.notes`);
  }

  /** What a server wrote down: `start PID`, and signals. */
  async notes(name: string): Promise<string[]> {
    return (await readFile(this.notesFile(name), "utf8")).trim().split("\n");
  }

  async pidOf(name: string): Promise<number | undefined> {
    return (await programStatus(this.at)).get(name)?.pid;
  }

  /** Inputs of a service that listens on `port`. */
  inputs(name: string, port: number, news: Record<string, unknown> = {}): Record<string, unknown> {
    return { supervisor: this.supervisor.id, name, command: this.command(name, port), ports: [port], ...news };
  }

  /** Starts the same server as the service user, but outside the supervisor. */
  async stranger(name: string, port: number): Promise<number> {
    const [program = "", ...args] = [...serviceIdentity().prefix, ...this.command(name, port)];
    const started = spawn(program, args, { stdio: "ignore" });
    this.strangers.push(started);
    await until(() => listens(port));
    return started.pid ?? 0;
  }

  async stop(): Promise<void> {
    await this.stage.delete(this.supervisor);
    this.strangers.forEach((one) => one.kill("SIGKILL"));
    await this.folder.remove();
  }

  private command(name: string, port: number): string[] {
    return ["/usr/bin/python3", join(this.folder.path, "child.py"), this.notesFile(name), String(port)];
  }
}
