import { Client, type ClientConfig } from "pg";
import { psql } from "../sql/psql";

/** PgBouncer's admin console, over its Unix socket: who runs PgBouncer is let in as `pgbouncer`, without a password. */
export interface Console {
  readonly socketDirectory: string;
  readonly port: number;
}

/** The console over TCP, for a login that may read statistics and change nothing (`stats_users`). */
export interface StatisticsConsole {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Asked for each login. */
  readonly password: () => Promise<string>;
}

/** Name of the console's database, and of the login that it lets in. */
export const consoleName = "pgbouncer";

/** Milliseconds for an answer: the console answers at once, or PgBouncer is not well. */
const timeout = 5_000;

/**
 * PgBouncer asks for TLS, but its certificate names the service and no address of a pod: that the server knows the verifier of the
 * password proves who it is (SCRAM).
 */
const access = (console: Console | StatisticsConsole): ClientConfig =>
  "socketDirectory" in console
    ? { host: console.socketDirectory, port: console.port, user: consoleName }
    : { ...console, ssl: { rejectUnauthorized: false } };

/** Rows of one command, for the user who runs PgBouncer, or one who may read statistics. Rejects if no PgBouncer answers. */
export async function command(console: Console | StatisticsConsole, text: string): Promise<Record<string, unknown>[]> {
  // Without the settings of our sessions, which the console does not know.
  const client = new Client({
    ...access(console),
    database: consoleName,
    connectionTimeoutMillis: timeout,
    query_timeout: timeout,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Clients of applications that are connected; looks at the console, ours and an exporter's, are none. */
export const clientsOf = async (console: Console): Promise<number> =>
  (await command(console, "SHOW CLIENTS")).filter(({ database }) => database !== consoleName).length;

/**
 * The same for root, who is not let in: by a program of the service user. A pause may take as long as its transactions, which `psql`
 * waits for.
 * @returns unaligned text; with `\t off` in front of the command, the names of the columns first
 */
export const commandAsService = (console: Console, text: string): Promise<string> =>
  psql(console, { database: consoleName, user: consoleName, sql: text });

/** A database of the pooler, as its console shows it. */
export interface PooledDatabase {
  readonly name: string;
  /** Port that it connects to. */
  readonly port: number;
  /** Database of the server. */
  readonly database: string;
  readonly paused: boolean;
}

/** Rows of what the console prints, header first: columns differ by version. */
export function parseTable(table: string): Record<string, string>[] {
  const [header = [], ...rows] = table.split("\n").map((line) => line.split("|"));
  return rows
    .filter((row) => row.length === header.length)
    .map((row) => Object.fromEntries(header.map((name, at) => [name, row[at] ?? ""])));
}

/** Reads what `SHOW DATABASES` prints. */
export const parseDatabases = (table: string): PooledDatabase[] =>
  parseTable(table)
    .filter(({ name }) => name !== consoleName)
    .map(({ name = "", port, database = "", paused }) => ({
      name,
      port: Number(port),
      database,
      paused: paused === "1",
    }));
