import { type Canary, writeCanary } from "../session/canary";
import { query, type SocketServer } from "../session/sql";
import { markWal } from "../session/wal-mark";
import { compareDigests, type Digest, digestTables, drawTables, type Table } from "./samples";
import { count } from "../../lib/text/format";

/** What the primary looked like when the drill began. */
export interface Evidence {
  readonly primary: SocketServer;
  readonly canary: Canary;
  readonly tables: readonly Table[];
  readonly digests: readonly Digest[];
  /** Place in the WAL that the archive has to hold: all that the digests show is before it. */
  readonly end: string;
}

/**
 * Writes the drill's canary and takes the digests of some tables.
 * @param switchWal hands all that over to the archiver at once, instead of after `archive_timeout`
 */
export async function takeEvidence(
  primary: SocketServer,
  databases: readonly string[],
  switchWal: boolean,
): Promise<Evidence> {
  const tables = await drawTables(primary, ["postgres", ...databases]);
  const canary = await writeCanary(primary, "drill");
  const digests = await digestTables(primary, tables);
  // Not before: a commit may come between one table's digest and the next.
  const end = await markWal(primary);
  if (switchWal) await query(primary, "SELECT pg_switch_wal()");
  return { primary, canary, tables, digests, end };
}

/** Compares the restored server with the evidence. Throws with the first table that differs. */
export async function checkSamples(restored: SocketServer, evidence: Evidence): Promise<string> {
  const { primary, tables, digests } = evidence;
  const found = await digestTables(restored, tables);
  const after = await digestTables(primary, tables);
  const { equal, busy, unread, different } = compareDigests(tables, { before: digests, after, restored: found });
  const [first, ...more] = [...different, ...unread.map((one) => `the primary cannot be read: ${one}`)];
  if (first !== undefined)
    throw new Error(`${first}${more.length === 0 ? "" : ` (and ${count(more.length, "more table")})`}`);
  return `${count(equal, "table")} with the same rows, ${busy} written to or locked meanwhile`;
}
