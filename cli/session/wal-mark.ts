import { query, type SocketServer } from "./sql";

/**
 * Writes a message of no consequence to the WAL, and returns its place: all that was committed so far is before it. The end of the WAL
 * itself is not a place to wait for in the archive: its last segment may hold nothing for which `archive_timeout` would switch.
 */
export async function markWal(primary: SocketServer): Promise<string> {
  const [mark] = await query<{ lsn: string }>(
    primary,
    "SELECT pg_logical_emit_message(true, 'howdah', 'mark')::text AS lsn",
  );
  if (mark === undefined) throw new Error("the primary does not report its WAL position");
  return mark.lsn;
}
