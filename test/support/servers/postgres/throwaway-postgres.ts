import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Client, type ClientConfig, type QueryResultRow } from "pg";
import { serviceIdentity } from "../../../../lib/system/identity";
import { checkout } from "../../../../lib/paths";
import { dataFolder } from "./data-folder";
import { freePorts } from "../ports";
import { fingerprint } from "../../../../lib/text/hash";

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

/** Where the newest of Debian's server binaries are that this machine has; `HOWDAH_TEST_POSTGRES` names others. */
export async function binaries(): Promise<string> {
  const others = process.env["HOWDAH_TEST_POSTGRES"] ?? "";
  if (others !== "") return others;
  const root = "/usr/lib/postgresql";
  const versions = (await readdir(root)).filter((version) => existsSync(join(root, version, "bin/initdb")));
  return join(root, String(Math.max(...versions.map(Number))), "bin");
}

/** Words of setpriv: PostgreSQL refuses to run as root. */
const asServer = process.getuid?.() === 0 ? ["--reuid=postgres", "--regid=postgres", "--init-groups"] : [];

/** The server ends with us, for an aborted worker runs no `afterAll`; QUIT takes its children along. */
const tied = "--pdeathsig=QUIT";

/** Options that make a server start and stop fast; nothing in it has to survive, and all of its files are in its folder. */
const throwaway = [
  "fsync=off",
  "full_page_writes=off",
  "synchronous_commit=off",
  "shared_buffers=16MB",
  "autovacuum=off",
  "dynamic_shared_memory_type=mmap",
];

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
  await run("setpriv", [...asServer, initdb, "-D", data, ...initdbFlags], { cwd: "/" });
  await mkdir(templates, { recursive: true });
  const fresh = `${template}.${process.pid}.tmp`;
  await run("cp", ["--archive", data, fresh]);
  // Another worker's may be there meanwhile, and is as good.
  await rename(fresh, template).catch(() => rm(fresh, { recursive: true }));
}

/** Rows of the (last) statement, in a session of its own. */
async function ask<T extends QueryResultRow>(at: ClientConfig, text: string): Promise<T[]> {
  const client = new Client(at);
  await client.connect();
  try {
    const result: unknown = await client.query(text);
    const last: unknown = Array.isArray(result) ? result.at(-1) : result;
    return (last as { rows: T[] }).rows;
  } finally {
    await client.end();
  }
}

/** Milliseconds: less than a hook of jest's has, so that it is told what did not start. */
const startTime = 50_000;

/**
 * Starts a PostgreSQL of its own for a test file; call `stop` in `afterAll`.
 * @param options further server settings, each as `name=value`
 * @param how another program to start as `postgres`
 */
export async function startPostgres(
  options: readonly string[] = [],
  how: { readonly postgres?: string } = {},
): Promise<ThrowawayPostgres> {
  const bin = await binaries();
  const directory = await dataFolder("pg");
  const data = join(directory, "data");
  await makeCluster(bin, data);
  const [port = 0] = await freePorts(1);
  const place = [`port=${port}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${directory}`];
  const flags = [...throwaway, ...place, ...options].flatMap((setting) => ["-c", setting]);
  const command = [how.postgres ?? join(bin, "postgres"), "-D", data, ...flags];
  const server = spawn("setpriv", [...asServer, tied, ...command], {
    cwd: directory,
    stdio: "ignore",
  });
  const isOver = (): boolean => server.exitCode !== null || server.signalCode !== null;
  const ended = new Promise<void>((resolve) =>
    server.once("exit", () => {
      resolve();
    }),
  );
  const at = { host: "127.0.0.1", port, user: "postgres" };

  const sql = <T extends QueryResultRow>(database: string, text: string): Promise<T[]> =>
    ask({ ...at, database }, text);
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
  const end = Date.now() + startTime;
  for (;;) {
    try {
      // The socket is in a folder of its own, and there only once the port is ours: at the port, a stranger could answer.
      await ask({ ...at, host: directory }, "SELECT 1");
      break;
    } catch (error) {
      if (isOver() || Date.now() > end) {
        const reason = isOver() ? "ended before it took a connection" : `takes no connection in ${startTime / 1000} s`;
        await stop();
        throw new Error(`the test's PostgreSQL at port ${port} ${reason}`, { cause: error });
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
