import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../../kit/answer";
import { type Child, run, start } from "../../../lib/child";
import { query, type SocketServer } from "../../session/sql";
import { controlData, replaySettings } from "./control-data";
import { renderSettings } from "./settings";

export interface ServerOptions {
  readonly postgresBin: string;
  readonly dataDirectory: string;
  /** Folder of its Unix socket: of its own, so that no port is taken. */
  readonly socketDirectory: string;
  /** Nothing in it has to survive, and it yields to all else. */
  readonly throwaway: boolean;
  /** Who may log in beside the superuser. Default: nobody. */
  readonly logins?: readonly string[];
  /** Without our environment: for contents that bring code of their own. Default false. */
  readonly bare?: boolean;
  /** Further settings. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Number in the name of the socket; nothing listens on a port. */
const socketPort = 5432;

/** Settings of a server that replays and serves nobody but us. */
function settingsOf(options: ServerOptions, replay: Readonly<Record<string, string>>): string {
  const own: Record<string, string> = {
    ...replay,
    listen_addresses: "",
    port: String(socketPort),
    unix_socket_directories: options.socketDirectory,
    unix_socket_permissions: "0700",
    hba_file: join(options.dataDirectory, "howdah.hba"),
    shared_buffers: "128MB",
    archive_mode: "off",
    autovacuum: "off",
    hot_standby: "on",
    logging_collector: "off",
    log_destination: "stderr",
    log_min_messages: "log",
    // Where the restored server's own would send its log lines and its clients.
    cluster_name: "howdah-restore",
    ...(options.throwaway ? { fsync: "off", full_page_writes: "off" } : {}),
    ...options.settings,
  };
  return renderSettings(own);
}

/** The socket's folder keeps everybody else out. */
const renderLogins = ({ logins = [] }: ServerOptions): string =>
  ["postgres", ...logins].map((login) => `local all ${login} trust\n`).join("");

const lastTransaction = /last completed transaction was at log time (.*)/;
const faults = /(?:FATAL|PANIC):\s+(.*)/;

/** A restored cluster under a postmaster of ours: it replays, is promoted at its target, and ends when we end. */
export class RestoredServer implements SocketServer {
  readonly port = socketPort;
  /** It yields to all else on the machine: for a stall, no drill fails. */
  readonly patience = 60_000;
  readonly socketDirectory: string;
  private readonly fatal: string[] = [];
  private readonly closed: Promise<void>;
  private running = true;
  private lastTransaction: string | undefined;

  private constructor(
    private readonly options: ServerOptions,
    private readonly child: Child,
  ) {
    this.socketDirectory = options.socketDirectory;
    const take = (line: string): void => {
      this.lastTransaction = lastTransaction.exec(line)?.[1] ?? this.lastTransaction;
      const found = faults.exec(line)?.[1];
      // Our own looks at a server that is not ready yet.
      if (found !== undefined && !found.startsWith("the database system is")) this.fatal.push(found);
    };
    createInterface({ input: child.stderr }).on("line", take);
    child.stdout.resume();
    this.closed = new Promise((resolve) => {
      child.once("close", () => {
        this.running = false;
        resolve();
      });
    });
  }

  /** Starts the server; it is in recovery then. */
  static async start(options: ServerOptions): Promise<RestoredServer> {
    const replay = replaySettings(await controlData(options.postgresBin, options.dataDirectory));
    const file = join(options.dataDirectory, "howdah.conf");
    await writeFile(file, settingsOf(options, replay), { mode: 0o600 });
    await writeFile(join(options.dataDirectory, "howdah.hba"), renderLogins(options), { mode: 0o600 });
    const child = start({
      command: [join(options.postgresBin, "postgres"), "-D", options.dataDirectory, "-c", `config_file=${file}`],
      lowPriority: options.throwaway,
      bare: options.bare ?? false,
      // Immediate shutdown: the postmaster takes its children with it.
      deathSignal: "QUIT",
    });
    return new RestoredServer(options, child);
  }

  /**
   * Waits until replay is over and the server takes writes. Rejects with the server's own reason where it ends before.
   * @param ending says what it means that the WAL ended before the target; `last` is the time of the last transaction in it
   */
  async promoted({ progress, signal }: Context, ending?: (last: string | undefined) => string): Promise<void> {
    // An empty server is there at once; a replay may take hours.
    for (let pause = 10; this.running; pause = Math.min(2 * pause, 100)) {
      signal.throwIfAborted();
      const [row] = await query<{ replica: boolean; at: string | null }>(
        this,
        "SELECT pg_is_in_recovery() AS replica, pg_last_wal_replay_lsn()::text AS at",
      ).catch(() => []);
      if (row?.replica === false) return;
      progress(row?.at === undefined || row.at === null ? "starting" : `replaying WAL: ${row.at}`);
      await sleep(pause, undefined, { signal });
    }
    throw new Error(`the restored server ended: ${this.reason(ending)}`);
  }

  /** The first fatal line of its log. */
  private reason(ending: (last: string | undefined) => string = () => "the WAL ends before the target"): string {
    const missing = this.fatal.find((line) => line.includes("recovery ended before configured recovery target"));
    if (missing !== undefined) return `${missing}: ${ending(this.lastTransaction)}`;
    return this.fatal[0] ?? "its log has no reason";
  }

  /** Name of the WAL segment that it writes to. */
  async currentSegment(): Promise<string> {
    const [row] = await query<{ name: string }>(this, "SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS name");
    if (row === undefined) throw new Error("the restored server does not say where it writes");
    return row.name;
  }

  /** Shuts it down and waits; `fast` writes a checkpoint, so that its files are whole. */
  async stop(mode: "fast" | "immediate"): Promise<void> {
    if (!this.running) return;
    this.child.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
    await this.closed;
  }

  /** Compares every page with its checksum; the server must be down. @throws ProgramError naming the first bad block */
  async verifyChecksums(): Promise<void> {
    const { postgresBin, dataDirectory } = this.options;
    const command = [join(postgresBin, "pg_checksums"), "--check", "-D", dataDirectory];
    await run({ command, lowPriority: this.options.throwaway });
  }
}
