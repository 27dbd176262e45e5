import { Client, type ClientConfig } from "pg";
import { until } from "../../../lib/retry";

/** Rows that a driver's first worker inserts soon; none for a worker that was faster. */
const ahead = `
  INSERT INTO driver_rows
  SELECT run, driver, worker, max(n) + 2 FROM driver_rows
  WHERE run = $1 AND worker = 0 AND driver = ANY($2) GROUP BY run, driver, worker
  ON CONFLICT DO NOTHING RETURNING driver`;

/** Sessions that wait for this one's transaction. */
const waiting = `
  SELECT count(DISTINCT pid)::int AS count FROM pg_locks
  WHERE locktype = 'transactionid' AND NOT granted AND transactionid = pg_current_xact_id()::xid`;

interface Held {
  /** Of a session on the primary, not of the pooler's. */
  readonly session: ClientConfig;
  readonly run: string;
  /** Drivers whose loads are at work. */
  readonly drivers: readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * Keeps one transaction of each driver open on the primary: its insert waits for one of the same row, which this session never commits.
 * @returns the session; the transactions go on once it ends
 * @throws Error if one of them does not get there in time
 */
export async function holdTransactions({ session, run, drivers, timeout }: Held): Promise<Client> {
  const client = new Client(session);
  // It may end with its server.
  client.on("error", () => undefined);
  await client.connect();
  await client.query("BEGIN");
  const free = new Set(drivers);
  const holds = async (): Promise<boolean> => {
    const { rows } = await client.query<{ driver: string }>(ahead, [run, [...free]]);
    for (const { driver } of rows) free.delete(driver);
    const { rows: counts } = await client.query<{ count: number }>(waiting);
    return free.size === 0 && counts[0]?.count === drivers.length;
  };
  try {
    await until(holds, {
      timeout,
      complaint: `no transaction of each of ${drivers.join(", ")} is open on the primary`,
    });
  } catch (error) {
    await client.end();
    throw error;
  }
  return client;
}
