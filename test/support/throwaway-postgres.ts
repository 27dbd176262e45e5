import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdir, mkdtemp, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Client, type QueryResultRow } from "pg";
import { serviceIdentity } from "../../providers/host/system/identity";
import { fingerprint } from "../../tools/files";
import { checkout } from "../../tools/paths";

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
  /** Has the server read its files again; whoever connects afterwards meets what they say. */
  reload(): Promise<void>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

/** Where the newest of Debian's server binaries are that this machine has. */
async function binaries(): Promise<string> {
  const root = "/usr/lib/postgresql";
  const versions = (await readdir(root)).filter((version) => existsSync(join(root, version, "bin/initdb")));
  return join(root, String(Math.max(...versions.map(Number))), "bin");
}

const memory = "/dev/shm";
const enoughMemory = 2 * 1024 ** 3;

/**
 * A folder of the servers' user for data that nobody keeps: in memory where that has room, since a cluster is a thousand files.
 * No program can be run from it.
 */
export async function dataFolder(prefix: string): Promise<string> {
  const room = await statfs(memory).then(({ bavail, bsize }) => Math.min(bavail * bsize, freemem()), () => 0); // prettier-ignore
  const path = await mkdtemp(join(room < enoughMemory ? tmpdir() : memory, prefix));
  const { uid, gid } = serviceIdentity();
  await chown(path, uid, gid);
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** PostgreSQL refuses to run as root. */
const isRoot = process.getuid?.() === 0;
const asServer = (command: string[]): [string, string[]] =>
  isRoot
    ? ["setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", ...command]]
    : [command[0] ?? "", command.slice(1)];

/** Options that make a server start and stop fast; nothing in it has to survive. */
const fast = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=16MB", "autovacuum=off"];

const initdbFlags = ["-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"];

/** Where new clusters are copied from: not in /tmp, where another user could put one of his. */
const templates = join(checkout, "node_modules/.cache/throwaway-postgres");

/** A new cluster at `data`: a copy of the one that `initdb` has once made with these binaries, which takes it a second. */
async function makeCluster(bin: string, data: string): Promise<void> {
  const initdb = join(bin, "initdb");
  const { mtimeMs, size } = await stat(join(bin, "postgres"));
  const { uid } = serviceIdentity();
  const template = join(templates, fingerprint(initdb, String(mtimeMs), String(size), String(uid), ...initdbFlags));
  if (existsSync(template)) {
    await run("cp", ["--archive", template, data]);
    return;
  }
  const [file, rest] = asServer([initdb, "-D", data, ...initdbFlags]);
  await run(file, rest, { cwd: "/" });
  await mkdir(templates, { recursive: true });
  const fresh = `${template}.${process.pid}.tmp`;
  await run("cp", ["--archive", data, fresh]);
  // Another worker's may be there meanwhile, and is as good.
  await rename(fresh, template).catch(() => rm(fresh, { recursive: true }));
}

/**
 * Starts a PostgreSQL of its own for a test file; call `stop` in `afterAll`.
 * @param options further server settings, each as `name=value`
 */
export async function startPostgres(options: readonly string[] = []): Promise<ThrowawayPostgres> {
  const bin = await binaries();
  const directory = await dataFolder("howdah-pg-");
  const data = join(directory, "data");
  await makeCluster(bin, data);
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
  const reload = async (): Promise<void> => {
    // A new session has the postmaster's word, which takes no connection while it reads.
    const loaded = async () => (await sql<{ at: string }>("postgres", "SELECT pg_conf_load_time()::text AS at"))[0]?.at;
    const before = await loaded();
    await sql("postgres", "SELECT pg_reload_conf()");
    while ((await loaded()) === before) await pause(10);
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
      if (tries >= 1000 || server.exitCode !== null) {
        await stop();
        throw error;
      }
      await pause(10);
    }
  }
  return {
    host: at.host,
    port,
    superuser: at.user,
    socketDirectory: directory,
    dataDirectory: data,
    sql,
    reload,
    stop,
  };
}
