import type { LocalStackFile } from "../../../contracts/stack-file";
import { messageOf, Refusal } from "../../../lib/errors";
import type { Context } from "../../kit/answer";
import { flushArchive } from "../../drill/arrival";
import { primaryOf, query } from "../../session/sql";
import { markWal } from "../../session/wal-mark";
import { lsnValue, type Target } from "./target";

/** Seconds for the archiver to hand over one segment. */
const timeoutSeconds = 60;

/** @throws Refusal if the target is an LSN that the primary has not come to. Without a primary, nothing is known. */
export async function checkWritten(job: LocalStackFile, target: Target): Promise<void> {
  if (target.kind !== "lsn") return;
  const primary = await primaryOf(job);
  if (primary === undefined) return;
  const [row] = await query<{ lsn: string }>(primary, "SELECT pg_current_wal_insert_lsn()::text AS lsn");
  if (row === undefined || lsnValue(target.lsn) <= lsnValue(row.lsn)) return;
  throw new Refusal(
    `LSN ${target.lsn} has not been written: the WAL of ${primary.name}, the primary, ends at ${row.lsn}. ` +
      "Name an earlier LSN, or no target at all for the newest state",
  );
}

/**
 * Has the primary hand over its newest WAL: what was committed a moment ago may be what is wanted. A commit of ours ends it, of
 * which a later recovery sees that it has passed a moment of now: on an idle server, nothing else would tell. Without a primary,
 * the archive is as it is.
 */
export async function archiveNewest(job: LocalStackFile, context: Context): Promise<void> {
  const primary = await primaryOf(job);
  if (primary === undefined) return;
  context.progress("archiving the newest WAL");
  try {
    await markWal(primary);
    await flushArchive(primary, { timeoutSeconds, signal: context.signal });
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.note(`the newest WAL is not in the repository: ${messageOf(error)}`);
  }
}
