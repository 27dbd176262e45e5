import { psql, type LocalServer } from "./psql";
import { listens } from "./system/network";

const command = (pooler: LocalServer, sql: string): Promise<string> =>
  psql(pooler, { database: "pgbouncer", user: "pgbouncer", sql });

/**
 * Runs `work` while PgBouncer holds its clients: each transaction in progress ends first, new ones wait. Clients see a pause
 * and no error. Resumes whatever happens. Where no pooler runs (yet), `work` just runs.
 */
export async function whilePaused<T>(pooler: LocalServer | undefined, work: () => Promise<T>): Promise<T> {
  if (pooler === undefined || !(await listens(pooler.port))) return work();
  try {
    await command(pooler, "PAUSE;");
    return await work();
  } finally {
    await command(pooler, "RESUME;");
  }
}
