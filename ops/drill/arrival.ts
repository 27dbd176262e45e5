import { setTimeout as sleep } from "node:timers/promises";
import type { Canary } from "../canary";
import { ordinalOf, parseSegment } from "../pgbackrest/wal";
import { query, type SocketServer } from "../sql";

interface Archiver {
  readonly last: string | null;
  readonly failed: string | null;
}

const look = "SELECT last_archived_wal AS last, last_failed_wal AS failed FROM pg_stat_archiver";

/** True once the archive holds the segment with the canary's commit. Other files than segments are archived, too. */
export function hasArrived(last: string | null, canary: Pick<Canary, "lsn">): boolean {
  const name = last?.slice(0, 24) ?? "";
  return /^[0-9A-F]{24}$/.test(name) && parseSegment(name).ordinal >= ordinalOf(canary.lsn);
}

/** Has the primary hand over its newest WAL, and waits until it is in the repository. Rejects after `patience` seconds. */
export async function flushArchive(
  primary: SocketServer,
  how: { readonly patience: number; readonly signal: AbortSignal },
): Promise<void> {
  // Its answer is the end of the segment, and where nothing was written since the last switch, the end of the one before.
  const [last] = await query<{ lsn: string }>(primary, "SELECT (pg_switch_wal() - 1::numeric)::text AS lsn");
  await arrival(primary, { lsn: last?.lsn ?? "", writtenAt: Date.now() }, how);
}

/**
 * Waits until the canary's commit is in the repository, and tells how long that took: what the loss of all servers at the
 * worst moment would have cost. Rejects after `patience` seconds.
 */
export async function arrival(
  primary: SocketServer,
  canary: Pick<Canary, "lsn" | "writtenAt">,
  { patience, signal }: { readonly patience: number; readonly signal: AbortSignal },
): Promise<number> {
  const end = Date.now() + patience * 1000;
  let state: Archiver = { last: null, failed: null };
  while (Date.now() < end) {
    [state = state] = await query<{ last: string | null; failed: string | null }>(primary, look).catch(() => []);
    if (hasArrived(state.last, canary)) return (Date.now() - canary.writtenAt) / 1000;
    await sleep(250, undefined, { signal });
  }
  const why = state.failed === null ? "archive_timeout does not hold" : `archiving ${state.failed} has failed`;
  throw new Error(`a commit had not arrived in the repository after ${patience} s: ${why}; see the log of the primary`);
}
