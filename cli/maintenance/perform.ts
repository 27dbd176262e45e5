import type { Client } from "pg";
import { messageOf } from "../../lib/errors";
import { repeat } from "../../lib/retry";
import type { Context } from "../kit/answer";
import { formatSpan } from "../../lib/text/format";
import { invalidIndexes } from "./indexes";
import type { Done, Task } from "./task";

/** Two sessions: one that works, and one that holds the lock, looks how far the other is, and stops it. */
export interface Sessions {
  readonly worker: Client;
  readonly keeper: Client;
}

export interface Limits {
  /** When everything has to be over, in milliseconds since the epoch. */
  readonly end: number;
  /** Milliseconds for everything. */
  readonly whole: number;
}

/** SQLSTATEs: cancelled, here by its time limit or by us; and a wait for others that took too long. */
const cancelled = "57014";
const heldUp = "55P03";

/** A wait for others takes this share of the whole time at most, and no longer than that: what comes next must not starve. */
const waits = { share: 0.1, longest: 300_000 } as const;

/** Milliseconds that a clean-up waits for others. */
const cleanUpWait = 2_000;

const lookupQuery = `SELECT phase, CASE WHEN total > 0 THEN round(100 * done / total)::text || ' %' END AS share FROM (
    SELECT phase, heap_blks_scanned::numeric AS done, heap_blks_total AS total FROM pg_stat_progress_vacuum WHERE pid = $1
    UNION ALL SELECT phase, coalesce(nullif(blocks_done, 0), tuples_done), coalesce(nullif(blocks_total, 0), tuples_total)
    FROM pg_stat_progress_create_index WHERE pid = $1) one`;

async function pidOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

/** What goes on while a statement runs. */
interface Run extends Context {
  /** Of the worker's session. */
  readonly pid: number;
}

/** Says how far the worker's statement is, and cancels it if we are interrupted, until it is told to end. */
async function watch(keeper: Client, task: Task, how: Run & { readonly done: AbortSignal }): Promise<void> {
  const { pid } = how;
  const began = Date.now();
  const stop = (): void => void keeper.query("SELECT pg_cancel_backend($1)", [pid]).catch(() => undefined);
  how.signal.addEventListener("abort", stop, { once: true });
  try {
    await repeat(async () => {
      // The server forgets a cancellation that is there before the statement.
      if (how.signal.aborted) stop();
      const { rows } = await keeper.query<{ phase: string; share: string | null }>(lookupQuery, [pid]);
      const at = rows[0] === undefined ? "" : `, ${rows[0].phase} ${rows[0].share ?? ""}`.trimEnd();
      how.progress(`${task.kind} ${task.name}: ${formatSpan(Date.now() - began)}${at}`);
      return 1000;
    }, how.done);
  } catch {
    // Told to end, or the keeper's session is gone: then the next statement tells.
  } finally {
    how.signal.removeEventListener("abort", stop);
  }
}

/** Drops what a rebuild that failed has left; what cannot be dropped now, the next run drops. */
async function dropLeftovers(client: Client): Promise<void> {
  await client.query(`SET statement_timeout = ${10 * cleanUpWait}; SET lock_timeout = ${cleanUpWait}`);
  const { tasks } = await invalidIndexes(client);
  for (const { kind, statement } of tasks) if (kind === "drop") await client.query(statement);
}

/** Sends the statement at once: there is no await between the caller's check for an interrupt and the query. */
async function execute({ worker, keeper }: Sessions, task: Task, how: Run): Promise<string | undefined> {
  const messages: string[] = [];
  const listen = ({ message }: { message?: string | undefined }): void => void messages.push(message ?? "");
  const done = new AbortController();
  const watching = watch(keeper, task, { ...how, done: done.signal });
  worker.on("notice", listen);
  try {
    await worker.query(task.statement);
    // What SKIP_LOCKED passes over is told by a warning.
    return messages.find((message) => message.startsWith("skipping"));
  } finally {
    worker.removeListener("notice", listen);
    done.abort();
    await watching;
  }
}

/** Does one task within the time that is left. Rejects only if the session is gone, or with the signal's reason. */
export async function perform(sessions: Sessions, task: Task, how: Context & Limits): Promise<Done> {
  const { worker } = sessions;
  const began = Date.now();
  const ended = (outcome: Done["outcome"], detail?: string): Done => ({
    ...task,
    outcome,
    seconds: Math.round((Date.now() - began) / 100) / 10,
    ...(detail === undefined ? {} : { detail }),
  });
  const left = Math.floor(how.end - began);
  if (left <= 0) return ended("left", "the time is over");
  const wait = Math.ceil(Math.min(waits.longest, how.whole * waits.share));
  await worker.query(`SET statement_timeout = ${left}; SET lock_timeout = ${wait}`);
  const pid = await pidOf(worker);
  how.signal.throwIfAborted();
  try {
    const skipped = await execute(sessions, task, { ...how, pid });
    return skipped === undefined ? ended("done") : ended("skipped", skipped);
  } catch (error) {
    if (task.kind === "reindex")
      await dropLeftovers(worker).catch((trouble: unknown) => {
        how.note(`the next run removes what the rebuild of ${task.name} left over: ${messageOf(trouble)}`);
      });
    how.signal.throwIfAborted();
    const { code } = error as { code?: unknown };
    // Without a SQLSTATE the connection is gone, and nothing more can be done on it.
    if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) throw error;
    if (code === heldUp) return ended("skipped", "other transactions did not end in time");
    return code === cancelled ? ended("left", "the time is over") : ended("failed", messageOf(error));
  }
}
