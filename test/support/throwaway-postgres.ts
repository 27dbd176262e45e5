import { execFile, spawn } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Client, type QueryResultRow } from "pg";

const run = promisify(execFile);

/** A real PostgreSQL on a free loopback port, gone with its data after `stop`. */
export interface ThrowawayPostgres {
  readonly host: string;
  readonly port: number;
  /** Name of the superuser; it needs no password over the socket or loopback. */
  readonly superuser: string;
  readonly socketDirectory: string;
  readonly dataDirectory: string;
  /** Runs SQL as the superuser and returns the rows of the (last) statement. */
  sql<T extends QueryResultRow = QueryResultRow>(database: string, text: string): Promise<T[]>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

/** Where the newest of Debian's server binaries are that this machine has. */
async function binaries(): Promise<string> {
  const { stdout } = await run("sh", ["-c", "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1"]);
  return stdout.trim();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function numericId(flag: string): Promise<number> {
  return Number((await run("id", [flag, "postgres"])).stdout);
}

/** PostgreSQL refuses to run as root. */
const isRoot = process.getuid?.() === 0;
const asServer = (command: string[]): [string, string[]] =>
  isRoot
    ? ["setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", ...command]]
    : [command[0] ?? "", command.slice(1)];

/** Options that make a server start and stop fast; nothing in it has to survive. */
const fast = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=16MB", "autovacuum=off"];

/**
 * Starts a PostgreSQL of its own for a test file; call `stop` in `afterAll`.
 * @param options further server settings, each as `name=value`
 */
export async function startPostgres(options: readonly string[] = []): Promise<ThrowawayPostgres> {
  const bin = await binaries();
  const directory = await mkdtemp(join(tmpdir(), "howdah-pg-"));
  if (isRoot) await chown(directory, await numericId("-u"), await numericId("-g"));
  const data = join(directory, "data");
  const initdb = [
    join(bin, "initdb"),
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "--no-sync",
    "-E",
    "UTF8",
    "--locale=C",
  ];
  await run(...asServer(initdb), { cwd: directory });
  const port = await freePort();
  const settings = [...fast, `port=${port}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${directory}`];
  const flags = [...settings, ...options].flatMap((setting) => ["-c", setting]);
  const [file, rest] = asServer([join(bin, "postgres"), "-D", data, ...flags]);
  const server = spawn(file, rest, { cwd: directory, stdio: "ignore" });
  const ended = new Promise<void>((resolve) =>
    server.once("exit", () => {
      resolve();
    }),
  );
  const at = { host: "127.0.0.1", port, user: "postgres" };

  const sql = async <T extends QueryResultRow>(database: string, text: string): Promise<T[]> => {
    const client = new Client({ ...at, database });
    await client.connect();
    try {
      const result: unknown = await client.query(text);
      const last: unknown = Array.isArray(result) ? result.at(-1) : result;
      return (last as { rows: T[] }).rows;
    } finally {
      await client.end();
    }
  };
  const stop = async (): Promise<void> => {
    // Immediate: nothing is worth a checkpoint.
    server.kill("SIGQUIT");
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  for (let tries = 0; ; tries++) {
    try {
      await sql("postgres", "SELECT 1");
      break;
    } catch (error) {
      if (tries >= 100 || server.exitCode !== null) {
        await stop();
        throw error;
      }
      await pause(50);
    }
  }
  return { host: at.host, port, superuser: at.user, socketDirectory: directory, dataDirectory: data, sql, stop };
}
