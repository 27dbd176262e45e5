import { Client } from "pg";

/** PgBouncer's admin console, over its Unix socket: who runs PgBouncer is let in as `pgbouncer`, without a password. */
export interface Console {
  readonly socketDirectory: string;
  readonly port: number;
}

/** Milliseconds for an answer: the console answers at once, or PgBouncer is not well. */
const patience = 5_000;

/** Rows of one command. Rejects where no PgBouncer answers. */
export async function command(console: Console, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({
    host: console.socketDirectory,
    port: console.port,
    user: "pgbouncer",
    database: "pgbouncer",
    connectionTimeoutMillis: patience,
    query_timeout: patience,
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
  (await command(console, "SHOW CLIENTS")).filter(({ database }) => database !== "pgbouncer").length;
