import { randomBytes } from "node:crypto";
import { canaryDays, canaryTable } from "../../components/backup/canary";
import { query, type SocketServer } from "./sql";
import { markWal } from "./wal-mark";

/** A row that a restored server must show. */
export interface Canary {
  readonly id: string;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly writtenAt: number;
  /** Place in the WAL just behind its commit. */
  readonly lsn: string;
}

/** Writes a canary, committed on the primary (and wherever synchronous commit demands it). @param writtenFor for a reader */
export async function writeCanary(primary: SocketServer, writtenFor: string): Promise<Canary> {
  const token = randomBytes(16).toString("hex");
  await query(primary, `DELETE FROM ${canaryTable} WHERE written_at < now() - $1 * interval '1 day'`, [canaryDays]);
  const [row] = await query<{ id: string; at: Date }>(
    primary,
    `INSERT INTO ${canaryTable} (token, written_for) VALUES ($1, $2) RETURNING id, written_at AS at`,
    [token, writtenFor],
  );
  if (row === undefined) throw new Error("no canary was written");
  return { id: row.id, token, writtenAt: row.at.getTime(), lsn: await markWal(primary) };
}

/** Token of a canary on a server; undefined if the row is not there. */
export async function canaryToken(server: SocketServer, id: string): Promise<string | undefined> {
  const [row] = await query<{ token: string }>(server, `SELECT token FROM ${canaryTable} WHERE id = $1`, [id]);
  return row?.token;
}
