import { join } from "node:path";
import { identifier } from "../../../lib/sql/quote";
import { startApart } from "../../../lib/process/task";
import {
  commandAsService,
  type Console,
  consoleName,
  parseDatabases,
  type PooledDatabase,
} from "../../../lib/servers/pgbouncer-console";
import { serviceIdentity } from "../../../lib/system/identity";
import { listens } from "../../../lib/system/network";
import { withoutSessions } from "./session-clients";

/** The console of a pooler, and which of its databases are for reads. */
export interface PoolerConsole extends Console {
  /** Port that databases of the read-only route connect to. */
  readonly readOnlyPort?: number | undefined;
  /** Milliseconds that a pause waits for clients in session mode to leave. Default 5000. */
  readonly sessionGrace?: number;
}

// The socket and not the port, which another process may have: its owner hears of that from the service itself.
const runs = ({ socketDirectory, port }: PoolerConsole): Promise<boolean> =>
  listens(join(socketDirectory, `.s.PGSQL.${port}`));

/** The pooler's databases; none if no pooler runs (yet). */
export async function pooledDatabases(pooler: PoolerConsole | undefined): Promise<PooledDatabase[]> {
  if (pooler === undefined || !(await runs(pooler))) return [];
  return parseDatabases(await commandAsService(pooler, "\\t off\nSHOW DATABASES;"));
}

/** Resumes every database that is paused: a run that was killed may have left it so. */
export async function resumeAll(pooler: PoolerConsole | undefined): Promise<void> {
  const paused = (await pooledDatabases(pooler)).filter((database) => database.paused);
  if (pooler !== undefined) await resume(pooler, paused);
}

/**
 * Has the pooler open its server connections to these databases again: each is closed once its transaction ends (in a session
 * pool, once its client leaves), and no new transaction gets an old one. Clients see no error. If no pooler runs (yet),
 * there is nothing to do.
 * @param databases names at the server
 */
export async function reconnect(pooler: PoolerConsole, databases: readonly string[]): Promise<void> {
  if (databases.length === 0) return;
  const pooled = (await pooledDatabases(pooler)).filter(({ database }) => databases.includes(database));
  for (const { name } of pooled) await commandAsService(pooler, `RECONNECT ${identifier(name)};`);
}

async function resume(pooler: PoolerConsole, databases: readonly PooledDatabase[]): Promise<void> {
  await Promise.all(databases.map(({ name }) => commandAsService(pooler, `RESUME ${identifier(name)};`)));
}

/**
 * A process of its own session that resumes the databases when we end without an error, SIGKILL included: PgBouncer has no timeout
 * for a pause. It notices since the kernel closes our end of its standard input.
 * @returns to be called once the databases are resumed
 */
function deadMansHandle(pooler: PoolerConsole, databases: readonly PooledDatabase[]): () => void {
  const resumes = databases.flatMap(({ name }) => ["-c", `RESUME ${identifier(name)}`]);
  const login = ["-h", pooler.socketDirectory, "-p", String(pooler.port), "-U", consoleName];
  // A moment later, since a PAUSE of ours may still be on its way.
  const script = 'read -r word; [ "$word" = released ] && exit 0; sleep 1; exec psql -X -q "$@"';
  const command = ["sh", "-c", script, "sh", ...login, "-d", consoleName, ...resumes];
  const [program = "", ...args] = [...serviceIdentity().prefix, "env", `PATH=${process.env["PATH"] ?? ""}`, ...command];
  const child = startApart({ program, args }, ["pipe", "ignore", "ignore"]);
  // Without the handle the pause is as safe as `finally` makes it.
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  return () => {
    child.stdin?.end("released\n");
  };
}

/** Which databases are paused. */
export type Chosen = (database: PooledDatabase) => boolean;

/**
 * Runs `work` while PgBouncer holds its clients: each transaction in progress ends first, new ones wait. Clients see a pause
 * and no error; those in session mode lose their sessions, after a grace. Resumes whatever happens, even when this process is killed. If no pooler runs (yet), `work` just runs.
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
    const names = databases.map(({ name }) => name);
    await withoutSessions(pooler, names, () =>
      Promise.all(names.map((name) => commandAsService(pooler, `PAUSE ${identifier(name)};`))),
    );
    return await work();
  } finally {
    await resume(
      pooler,
      (await pooledDatabases(pooler)).filter(({ paused }) => paused),
    );
    release();
  }
}
