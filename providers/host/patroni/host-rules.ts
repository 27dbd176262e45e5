import { psql } from "../../../lib/sql/psql";
import { until } from "../../../lib/retry";
import type { Operation } from "./rolling-restart";
import { textFile } from "../../../lib/text/text-file";

/** Rules of pg_hba.conf that every server of the cluster has to follow. */
export interface HostRules {
  /** Folder of the servers' Unix sockets. */
  readonly socketDirectory: string;
  /** Lines, as they have to be in the file. */
  readonly lines: readonly string[];
}

/** What a server says of its own files of access, read again: nothing of a rule that it would follow. */
const complaints = textFile(__dirname, "host-rules.sql");

/** The file, if the server has read it since it was written. */
const file = `SELECT pg_catalog.pg_read_file(hba) FROM pg_catalog.current_setting('hba_file') AS hba
WHERE (pg_catalog.pg_stat_file(hba)).modification <= pg_catalog.pg_conf_load_time()`;

/**
 * Waits until every server has read these rules. One bad line, and a server goes on with all of its old rules, and says so in its log alone.
 * @throws with the file and line that a server refuses, or after a minute
 */
export async function awaitHostRules(operation: Operation, { socketDirectory, lines }: HostRules): Promise<void> {
  for (const { name, port } of operation.cluster.members) {
    const ask = (sql: string): Promise<string> => psql({ socketDirectory, port }, { database: "postgres", sql });
    const written = async (): Promise<boolean> => {
      const found = new Set((await ask(file).catch(() => "")).split("\n").map((line) => line.trim()));
      return lines.every((line) => found.has(line.trim()));
    };
    const complaint = `${name} has not loaded the new pg_hba.conf after a minute`;
    await until(written, { complaint, timeout: 60_000, signal: operation.context.signal });
    const refused = await ask(complaints);
    if (refused !== "")
      throw new Error(`${name} still uses its old pg_hba.conf, because it rejects the new one:\n${refused}`);
  }
}
