import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { sessionOptions } from "../../../../lib/sql/session";
import { asServer } from "../routing/throwaway-pooler";
import type { ThrowawayPostgres } from "./throwaway-postgres";

const run = promisify(execFile);

/** A streaming replica of a throwaway server, on another loopback address and the same port. */
export interface Replica {
  readonly host: string;
  /** Folder of its Unix socket. */
  readonly socketDirectory: string;
  /** Runs SQL as the superuser. */
  sql(text: string): Promise<unknown[]>;
  /** Starts it again after `kill`; returns once it takes connections. */
  start(): Promise<void>;
  /** Ends it at once, as a lost machine would. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

/** @param options server settings, each as `name=value`; the primary has to let the superuser replicate over the socket */
export async function startReplica(
  primary: ThrowawayPostgres,
  host: string,
  options: readonly string[],
): Promise<Replica> {
  const folder = await mkdtemp(join(tmpdir(), "howdah-replica-"));
  const [row] = await primary.sql<{ bin: string }>(
    "postgres",
    "SELECT setting AS bin FROM pg_config WHERE name = 'BINDIR'",
  );
  const data = join(folder, "data");
  const [own, ownArgs] = asServer(["true"]);
  if (own === "setpriv") await run("chown", ["postgres", folder]);
  await run(own, ownArgs);
  const from = ["-h", primary.socketDirectory, "-p", String(primary.port), "-U", "postgres"];
  const [copy, copyArgs] = asServer([join(row!.bin, "pg_basebackup"), ...from, "-D", data, "-R", "-c", "fast"]);
  await run(copy, copyArgs, { cwd: folder });
  const settings = [
    `listen_addresses=${host}`,
    `port=${primary.port}`,
    `unix_socket_directories=${folder}`,
    "fsync=off",
  ];
  const sql = async (text: string): Promise<unknown[]> => {
    const at = { host: folder, port: primary.port, user: "postgres", database: "postgres" };
    // Whatever the server's defaults are.
    const client = new Client({ ...at, options: sessionOptions() });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };
  let server: ReturnType<typeof spawn> | undefined;
  const start = async (): Promise<void> => {
    const flags = [...settings, ...options].flatMap((setting) => ["-c", setting]);
    const [file, args] = asServer([join(row!.bin, "postgres"), "-D", data, ...flags]);
    server = spawn(file, args, { cwd: folder, stdio: "ignore" });
    while (server.exitCode === null) {
      const up = await sql("SELECT 1").then(
        () => true,
        () => false,
      );
      if (up) return;
      await pause(50);
    }
    throw new Error("the replica did not start");
  };
  const kill = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server?.once("exit", resolve));
    server.kill("SIGQUIT");
    await ended;
  };
  await start();
  return {
    host,
    socketDirectory: folder,
    sql,
    start,
    kill,
    remove: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
