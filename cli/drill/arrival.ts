import type { Canary } from "../session/canary";
import { ordinalOf, parseSegment } from "../pgbackrest/wal";
import { waitFor } from "../../lib/retry";
import { query, type SocketServer } from "../session/sql";

/** Seconds after which it is given up, and what ends it before. */
interface Wait {
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

interface Archiver {
  readonly last: string | null;
  readonly failed: string | null;
}

const archiverQuery = "SELECT last_archived_wal AS last, last_failed_wal AS failed FROM pg_stat_archiver";

/** True once the archive holds the segment with that place. Other files than segments are archived, too. */
export function hasArrived(last: string | null, lsn: string): boolean {
  const name = last?.slice(0, 24) ?? "";
  return /^[0-9A-F]{24}$/.test(name) && parseSegment(name).ordinal >= ordinalOf(lsn);
}

/** Has the primary hand over its newest WAL, and waits until it is in the repository. Rejects after `timeoutSeconds`. */
export async function flushArchive(primary: SocketServer, how: Wait): Promise<void> {
  // Its answer is the end of the segment, and if nothing was written since the last switch, the end of the one before.
  const [last] = await query<{ lsn: string }>(primary, "SELECT (pg_switch_wal() - 1::numeric)::text AS lsn");
  await untilArchived(primary, last?.lsn ?? "", how);
}

/**
 * Waits until the canary's commit is in the repository, and tells how long that took: what the loss of all servers at the
 * worst moment would have cost. Rejects after `timeoutSeconds`.
 */
export async function arrival(
  primary: SocketServer,
  canary: Pick<Canary, "lsn" | "writtenAt">,
  how: Wait,
): Promise<number> {
  await untilArchived(primary, canary.lsn, how);
  return (Date.now() - canary.writtenAt) / 1000;
}

/** Waits until a place in the WAL is in the repository. Rejects after `timeoutSeconds`. */
export async function untilArchived(
  primary: SocketServer,
  lsn: string,
  { timeoutSeconds, signal }: Wait,
): Promise<void> {
  let state: Archiver = { last: null, failed: null };
  const arrived = async (): Promise<true | undefined> => {
    [state = state] = await query<{ last: string | null; failed: string | null }>(primary, archiverQuery).catch(
      () => [],
    );
    return hasArrived(state.last, lsn) ? true : undefined;
  };
  if ((await waitFor(arrived, { timeout: timeoutSeconds * 1000, interval: 250, signal })) === true) return;
  const why = state.failed === null ? "archive_timeout does not hold" : `archiving ${state.failed} has failed`;
  throw new Error(
    `a commit has not arrived in the repository after ${timeoutSeconds} s: ${why}; see the log of the primary`,
  );
}
