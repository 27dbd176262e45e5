import { execFile, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import {
  pgbouncerFiles,
  type PoolerFiles,
  type PoolerPaths,
  userlistFile,
} from "../../../../components/pgbouncer/files";
import { poolerSchema } from "../../../../components/pgbouncer/schema";
import type { ConnectionBudget, Pool } from "../../../../components/capacity/connections";
import { locations } from "../../../../lib/paths";
import { poolerPath, versionOf } from "../../../../setup/pgbouncer";
import { serviceIdentity } from "../../../../lib/system/identity";
import { freePorts } from "../ports";
import { serverUser, type TlsFolder } from "../postgres/tls-postgres";

const run = promisify(execFile);

const isRoot = process.getuid?.() === 0;
/** Program and arguments of a command as the service user: PgBouncer refuses to run as root, and its console asks for its own user. */
export const asServer = (command: string[]): [string, string[]] =>
  isRoot
    ? ["setpriv", [`--reuid=${serverUser}`, `--regid=${serverUser}`, "--init-groups", ...command]]
    : [command[0] ?? "", command.slice(1)];

/** The program. `PGBOUNCER` names another one, such as a newer version's. */
const program = process.env["PGBOUNCER"] ?? poolerPath(locations());

/** What it says of its version. */
export const poolerVersion = (): string => versionOf(program);

/** A real PgBouncer of a test. */
export interface ThrowawayPooler {
  readonly port: number;
  readonly pid: number;
  readonly socketDirectory: string;
  /** True from the moment the process has ended. */
  readonly ended: () => boolean;
  /** Its log so far. */
  readonly log: () => string;
  /** One command on the admin console; rows by column. */
  console(command: string): Promise<Record<string, string>[]>;
  /** Sends a signal and waits for the end. */
  stop(signal: "SIGINT" | "SIGTERM" | "SIGQUIT"): Promise<void>;
}

/** Files of one PgBouncer for given paths and port. */
export type Render = (at: { readonly paths: PoolerPaths; readonly port: number }) => PoolerFiles & {
  /** Text of a file `routes.ini` in the folder of the socket, where the ini includes it. */
  readonly routes?: string;
  /** Text of the list of users. Default: with `howdah_pooler` alone. */
  readonly userlist?: typeof userlistFile;
};

export interface PoolerOptions {
  /** Of its files; unique in the folder. */
  readonly name: string;
  readonly render: Render;
  /** Password of `howdah_pooler`. */
  readonly password: string;
  /** Port to listen on. Default: a free one. */
  readonly port?: number;
}

/** What the local adapter renders, for pools on a server of the test. @param budget or pools alone, with no login's own settings */
export const renderFor =
  (
    budget: Pick<ConnectionBudget, "pools" | "logins"> | readonly Pool[],
    serverPort: number,
    parameters: Readonly<Record<string, string | number>> = {},
  ): Render =>
  ({ paths, port }) => {
    const server = { host: "127.0.0.1", port: serverPort };
    const { pools, logins } = "pools" in budget ? budget : { pools: budget, logins: [] };
    return pgbouncerFiles({
      listen: { host: "127.0.0.1", port },
      readWrite: server,
      readOnly: server,
      pools,
      logins,
      settings: poolerSchema.parse({ parameters }),
      limits: { query: 60, idleTransaction: 60 },
      preparedStatements: 50,
      allow: [{ cidr: "127.0.0.1/32", reason: "the test" }],
      paths,
      version: poolerVersion(),
    });
  };

async function rowsOf(socketDirectory: string, port: number, command: string): Promise<Record<string, string>[]> {
  const at = ["-h", socketDirectory, "-p", String(port), "-U", "pgbouncer", "-d", "pgbouncer"];
  const [file, rest] = asServer(["psql", "-X", "-A", "-P", "footer=off", ...at, "-c", command]);
  const { stdout } = await run(file, rest, { cwd: "/" });
  const [header = [], ...rows] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("|"));
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ""])));
}

/** Starts PgBouncer with a certificate of the folder's authority, for the loopback address; returns once it answers. */
export async function startPooler(folder: TlsFolder, options: PoolerOptions): Promise<ThrowawayPooler> {
  const { name, render, password } = options;
  const port = options.port ?? (await freePorts(1))[0]!;
  const socketDirectory = join(folder.path, `${name}-run`);
  mkdirSync(socketDirectory, { recursive: true });
  const { uid, gid } = serviceIdentity();
  chownSync(socketDirectory, uid, gid);
  const paths: PoolerPaths = {
    socketDirectory,
    ...(await folder.certificate(name)),
    ca: folder.caFile,
    hba: join(folder.path, `${name}-hba.conf`),
    userlist: join(folder.path, `${name}-userlist.txt`),
  };
  const files = render({ paths, port });
  await folder.write(`${name}-hba.conf`, files.hba);
  if (files.routes !== undefined) await folder.write(`${name}-run/routes.ini`, files.routes);
  await folder.write(`${name}-userlist.txt`, (files.userlist ?? userlistFile)(password));
  const log = await folder.write(`${name}.log`, "");
  const [file, rest] = asServer([program, await folder.write(`${name}.ini`, files.ini)]);
  const child = spawn("sh", ["-c", `exec "$@" 2>>"$0"`, log, file, ...rest], { cwd: "/", stdio: "ignore" });
  const exit = new Promise<void>((resolve) => child.once("exit", () => { resolve(); })); // prettier-ignore
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const pooler: ThrowawayPooler = {
    port,
    pid: child.pid!,
    socketDirectory,
    ended,
    log: () => readFileSync(log, "utf8"),
    console: (command) => rowsOf(socketDirectory, port, command),
    stop: async (signal) => {
      if (!ended()) child.kill(signal);
      await exit;
    },
  };
  const socket = join(socketDirectory, `.s.PGSQL.${port}`);
  for (let tries = 0; tries < 500 && !existsSync(socket) && !ended(); tries++) await pause(10);
  for (let tries = 0; ; tries++) {
    try {
      await pooler.console("SHOW VERSION");
      return pooler;
    } catch (error) {
      if (tries >= 100 || ended()) {
        await pooler.stop("SIGQUIT");
        throw new Error(`PgBouncer did not start: ${pooler.log()}`, { cause: error });
      }
      await pause(50);
    }
  }
}
