import { join } from "node:path";
import { run } from "../../../lib/process/task";

/** Settings that replay needs to be no smaller than on the server that wrote the WAL, and their lines in pg_controldata. */
const lines = {
  max_connections: "max_connections setting",
  max_worker_processes: "max_worker_processes setting",
  max_wal_senders: "max_wal_senders setting",
  max_prepared_transactions: "max_prepared_xacts setting",
  max_locks_per_transaction: "max_locks_per_xact setting",
} as const;

/** What pg_controldata says, by the words before its colons. */
export async function controlData(postgresBin: string, dataDirectory: string): Promise<ReadonlyMap<string, string>> {
  const text = await run({ program: join(postgresBin, "pg_controldata"), args: ["-D", dataDirectory] });
  return new Map(
    text.split("\n").map((line): [string, string] => {
      const [name = "", ...rest] = line.split(":");
      return [name.trim(), rest.join(":").trim()];
    }),
  );
}

/** The settings that replay of this cluster's WAL needs. */
export const replaySettings = (control: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(lines).flatMap(([name, line]) => {
      const value = control.get(line);
      return value === undefined ? [] : [[name, value]];
    }),
  );
