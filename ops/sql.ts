import { Client, type ClientConfig, type QueryResultRow } from "pg";
import type { Job } from "../components/backup/job";

/** A server that is reached over its Unix socket, by the user that it runs as. */
export interface SocketServer {
  readonly socketDirectory: string;
  readonly port: number;
}

/**
 * Stronger than what a database's owner may set for it: with a search path of his, the operators of our SQL would be his
 * functions, run as the superuser (CVE-2018-1058).
 */
export const superuserOptions = [
  "search_path=pg_catalog",
  "role=none",
  "standard_conforming_strings=on",
  "default_transaction_read_only=off",
  "statement_timeout=0",
]
  .map((setting) => `-c ${setting}`)
  .join(" ");

/** Settings of `pg` for a superuser's session. */
export const superuserConfig = (server: SocketServer, database = "postgres"): ClientConfig => ({
  host: server.socketDirectory,
  port: server.port,
  user: "postgres",
  database,
  options: superuserOptions,
  connectionTimeoutMillis: 5_000,
  application_name: "howdah",
});

/** Runs `work` in a session of the superuser's. */
export async function asSuperuser<T>(
  server: SocketServer,
  work: (client: Client) => Promise<T>,
  database = "postgres",
): Promise<T> {
  const client = new Client(superuserConfig(server, database));
  // A server that goes away is reported by the query that it breaks.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The rows of one statement, run as the superuser in database `postgres`. */
export const query = async <T extends QueryResultRow>(
  server: SocketServer,
  sql: string,
  values: readonly unknown[] = [],
): Promise<T[]> => asSuperuser(server, async (client) => (await client.query<T>(sql, [...values])).rows);

/** The server of the job's cluster that is the primary; undefined where none answers. */
export async function primaryOf(job: Job): Promise<(SocketServer & Job["servers"][number]) | undefined> {
  for (const one of job.servers) {
    const server = { ...one, socketDirectory: job.socketDirectory };
    const [row] = await query<{ replica: boolean }>(server, "SELECT pg_is_in_recovery() AS replica").catch(() => []);
    if (row?.replica === false) return server;
  }
  return undefined;
}
