import { identifier } from "../../../lib/sql/quote";
import { join } from "node:path";
import { startApart } from "../../../lib/process";
import { psql, type LocalServer } from "../../../lib/sql/psql";
import { serviceIdentity } from "../../../lib/system/identity";
import { listens } from "../../../lib/system/network";

/** PgBouncer's admin console. */
export interface PoolerConsole extends LocalServer {
  /** Port that databases of the read-only route connect to. */
  readonly readOnlyPort?: number | undefined;
}

/** A database of the pooler, as its console shows it. */
export interface PooledDatabase {
  readonly name: string;
  /** Port that it connects to. */
  readonly port: number;
  /** Database of the server. */
  readonly database: string;
  readonly paused: boolean;
}

const consoleLogin = { database: "pgbouncer", user: "pgbouncer" } as const;

const command = (pooler: LocalServer, sql: string): Promise<string> => psql(pooler, { ...consoleLogin, sql });

/** Reads what `SHOW DATABASES` prints, header first: its columns differ by version. */
export function parseDatabases(table: string): PooledDatabase[] {
  const [header = [], ...rows] = table.split("\n").map((line) => line.split("|"));
  const column = (row: string[], name: string): string => row[header.indexOf(name)] ?? "";
  return rows
    .filter((row) => row.length === header.length && column(row, "name") !== consoleLogin.database)
    .map((row) => ({
      name: column(row, "name"),
      port: Number(column(row, "port")),
      database: column(row, "database"),
      paused: column(row, "paused") === "1",
    }));
}

// The socket and not the port, which another process may have: its owner hears of that from the service itself.
const runs = ({ socketDirectory, port }: PoolerConsole): Promise<boolean> =>
  listens(join(socketDirectory, `.s.PGSQL.${port}`));

/** The pooler's databases; none where no pooler runs (yet). */
export async function pooledDatabases(pooler: PoolerConsole | undefined): Promise<PooledDatabase[]> {
  if (pooler === undefined || !(await runs(pooler))) return [];
  return parseDatabases(await command(pooler, "\\t off\nSHOW DATABASES;"));
}

/** Resumes every database that is paused: a run that was killed may have left it so. */
export async function resumeAll(pooler: PoolerConsole | undefined): Promise<void> {
  const paused = (await pooledDatabases(pooler)).filter((database) => database.paused);
  if (pooler !== undefined) await resume(pooler, paused);
}

/**
 * Has the pooler open its server connections to these databases again: each is closed once its transaction ends (in a session
 * pool, once its client leaves), and no new transaction gets an old one. Clients see no error. Where no pooler runs (yet),
 * there is nothing to do.
 * @param databases names at the server
 */
export async function reconnect(pooler: PoolerConsole, databases: readonly string[]): Promise<void> {
  if (databases.length === 0) return;
  const pooled = (await pooledDatabases(pooler)).filter(({ database }) => databases.includes(database));
  for (const { name } of pooled) await command(pooler, `RECONNECT ${identifier(name)};`);
}

async function resume(pooler: PoolerConsole, databases: readonly PooledDatabase[]): Promise<void> {
  await Promise.all(databases.map(({ name }) => command(pooler, `RESUME ${identifier(name)};`)));
}

/**
 * A process of its own session that resumes the databases when we end without a word, SIGKILL included: PgBouncer has no time-out
 * for a pause. It notices since the kernel closes our end of its standard input.
 * @returns to be called once the databases are resumed
 */
function deadMansHandle(pooler: PoolerConsole, databases: readonly PooledDatabase[]): () => void {
  const resumes = databases.flatMap(({ name }) => ["-c", `RESUME ${identifier(name)}`]);
  const login = ["-h", pooler.socketDirectory, "-p", String(pooler.port), "-U", consoleLogin.user];
  // A moment later, since a PAUSE of ours may still be on its way.
  const script = 'read -r word; [ "$word" = released ] && exit 0; sleep 1; exec psql -X -q "$@"';
  const words = ["sh", "-c", script, "sh", ...login, "-d", consoleLogin.database, ...resumes];
  const [program = "", ...args] = [...serviceIdentity().prefix, "env", `PATH=${process.env["PATH"] ?? ""}`, ...words];
  const child = startApart({ program, args }, ["pipe", "ignore", "ignore"]);
  // Without the handle the pause is as safe as `finally` makes it.
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  return () => {
    child.stdin?.end("released\n");
  };
}

/** Which databases a pause holds. */
export type Chosen = (database: PooledDatabase) => boolean;

/**
 * Runs `work` while PgBouncer holds its clients: each transaction in progress ends first, new ones wait. Clients see a pause
 * and no error. Resumes whatever happens, even when this process is killed. Where no pooler runs (yet), `work` just runs.
 * Databases are paused one by one: of a pause of the whole pooler, `SHOW DATABASES` tells nothing.
 */
export async function whilePaused<T>(
  pooler: PoolerConsole | undefined,
  work: () => Promise<T>,
  chosen: Chosen = () => true,
): Promise<T> {
  const databases = (await pooledDatabases(pooler)).filter(chosen);
  if (pooler === undefined || databases.length === 0) return work();
  // An earlier pause would make PAUSE fail.
  await resume(
    pooler,
    databases.filter(({ paused }) => paused),
  );
  const release = deadMansHandle(pooler, databases);
  try {
    await Promise.all(databases.map(({ name }) => command(pooler, `PAUSE ${identifier(name)};`)));
    return await work();
  } finally {
    await resume(
      pooler,
      (await pooledDatabases(pooler)).filter(({ paused }) => paused),
    );
    release();
  }
}
