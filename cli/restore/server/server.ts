import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Context } from "../../kit/answer";
import { type Child, harmlessEnvironment, run, start } from "../../../lib/process/task";
import { doubling, waitFor } from "../../../lib/retry";
import { query, type SocketServer } from "../../session/sql";
import { controlData, replaySettings } from "./control-data";
import { renderSettings } from "../../../lib/sql/settings-file";

export interface ServerOptions {
  readonly postgresBin: string;
  readonly dataDirectory: string;
  /** Folder of its Unix socket: of its own, so that no port is taken. */
  readonly socketDirectory: string;
  /** Nothing in it has to survive, and it yields to all else. */
  readonly throwaway: boolean;
  /** Logins in addition to the superuser. Default: none. */
  readonly logins?: readonly string[];
  /** Without our environment: for contents that bring code of their own. Default false. */
  readonly bare?: boolean;
  /** Further settings. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Number in the name of the socket; nothing listens on a port. */
const socketPort = 5432;

type Settings = Readonly<Record<string, string>>;

/** Settings of a server that replays, and serves us alone. */
function settingsOf(options: ServerOptions, replay: Settings): string {
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

/** The least that replay of its WAL needs, as far as that is known. */
const replayOf = async ({ postgresBin, dataDirectory }: ServerOptions): Promise<Settings> =>
  replaySettings(await controlData(postgresBin, dataDirectory));

async function launch(options: ServerOptions, replay: Settings): Promise<Child> {
  const file = join(options.dataDirectory, "howdah.conf");
  await writeFile(file, settingsOf(options, replay), { mode: 0o600 });
  await writeFile(join(options.dataDirectory, "howdah.hba"), renderLogins(options), { mode: 0o600 });
  return start({
    program: join(options.postgresBin, "postgres"),
    args: ["-D", options.dataDirectory, "-c", `config_file=${file}`],
    ...(options.bare === true ? { env: harmlessEnvironment() } : {}),
    lowPriority: options.throwaway,
    // Immediate shutdown: the postmaster takes its children with it.
    deathSignal: "QUIT",
  });
}

const lastTransaction = /last completed transaction was at log time (.*)/;
const position = `SELECT pg_is_in_recovery() AS replica, pg_last_wal_replay_lsn()::text AS at,
  CASE WHEN pg_is_in_recovery() THEN pg_get_wal_replay_pause_state() = 'paused' END AS paused`;
const faults = /(?:FATAL|PANIC):\s+(.*)/;

/** A restored cluster under a postmaster of ours: it replays, is promoted at its target, and ends when we end. */
export class RestoredServer implements SocketServer {
  readonly port = socketPort;
  /** It yields to all else on the machine: for a stall, no drill fails. */
  readonly connectTimeout = 60_000;
  readonly socketDirectory: string;
  private readonly fatal: string[] = [];
  private closed: Promise<void> = Promise.resolve();
  private running = false;
  private lastTransaction: string | undefined;

  private constructor(
    private readonly options: ServerOptions,
    private child: Child,
    private replay: Settings,
  ) {
    this.socketDirectory = options.socketDirectory;
    this.watch(child);
  }

  private watch(child: Child): void {
    this.child = child;
    this.running = true;
    const readLine = (line: string): void => {
      this.lastTransaction = lastTransaction.exec(line)?.[1] ?? this.lastTransaction;
      const found = faults.exec(line)?.[1];
      // Our own looks at a server that is not ready yet.
      if (found !== undefined && !found.startsWith("the database system is")) this.fatal.push(found);
    };
    createInterface({ input: child.stderr }).on("line", readLine);
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
    const replay = await replayOf(options);
    return new RestoredServer(options, await launch(options, replay), replay);
  }

  /**
   * WAL may tell that its server got more connections since the backup. Replay then stands still until a restart with as many,
   * and the control file has them by now.
   */
  private async startAgain(): Promise<void> {
    await this.stop("fast");
    const replay = await replayOf(this.options);
    if (renderSettings(replay) === renderSettings(this.replay))
      throw new Error("the restored server has paused its replay for an unknown reason");
    this.replay = replay;
    // Of sessions that the shutdown ended.
    this.fatal.length = 0;
    this.watch(await launch(this.options, replay));
  }

  /**
   * Waits until replay is over and the server accepts writes. Rejects with the server's own reason if it ends before.
   * @param ending says what it means that the WAL ended before the target; `last` is the time of the last transaction in it
   */
  async promoted({ progress, signal }: Context, ending?: (last: string | undefined) => string): Promise<void> {
    const promoted = async (): Promise<boolean | undefined> => {
      if (!this.running) return false;
      const [row] = await query<{ replica: boolean; at: string | null; paused: boolean | null }>(this, position).catch(
        () => [],
      );
      if (row?.replica === false) return true;
      if (row?.paused === true) await this.startAgain();
      progress(row?.at === undefined || row.at === null ? "starting" : `replaying WAL: ${row.at}`);
      return undefined;
    };
    // An empty server is there at once; a replay may take hours.
    const found = await waitFor(promoted, { timeout: Infinity, interval: doubling(10, 100), signal });
    if (found !== true) throw new Error(`the restored server ended: ${this.reason(ending)}`);
  }

  /** The first fatal line of its log. */
  private reason(ending: (last: string | undefined) => string = () => "the WAL ends before the target"): string {
    const missing = this.fatal.find((line) => line.includes("recovery ended before configured recovery target"));
    if (missing !== undefined) return `${missing}: ${ending(this.lastTransaction)}`;
    return this.fatal[0] ?? "its log does not say why";
  }

  /** Name of the WAL segment that it writes to. */
  async currentSegment(): Promise<string> {
    const [row] = await query<{ name: string }>(this, "SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS name");
    if (row === undefined) throw new Error("the restored server does not report its WAL position");
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
    const program = join(postgresBin, "pg_checksums");
    await run({ program, args: ["--check", "-D", dataDirectory], lowPriority: this.options.throwaway });
  }
}
