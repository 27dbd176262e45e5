import type { LocalStackFile, StackFile } from "../../contracts/stack-file";
import { isPhysical, tierKinds, type BackupKind, type TierName } from "../../contracts/tiers";
import { Failure, messageOf, Refusal } from "../../lib/errors";
import { backUpLogically } from "../dumps/take/backup";
import type { Context } from "../kit/answer";
import { isRemoteJob } from "../kit/find-stack";
import { notifyOfFailure } from "../kit/notify";
import { writeMetrics } from "../metrics/textfile";
import { takeBackup } from "../pgbackrest/backup";
import { expire } from "../pgbackrest/expire";
import { type BackupRun, recordDumpRun, recordRun } from "../records/backup-runs";
import { serverOf } from "../session/sql";

/** What to back up, and how long it is kept. */
export interface BackupRequest {
  readonly kind: BackupKind;
  readonly tier: TierName;
  /** For logical backups; all if none is named. */
  readonly databases: readonly string[];
}

/** A backup that was taken. */
export interface TakenBackup {
  readonly label: string;
  readonly kind: BackupKind;
  readonly size: number;
  readonly stored: number;
  readonly seconds: number;
  readonly database?: string;
}

/** The tier of a manual backup. */
const tierByHand: Readonly<Record<BackupKind, TierName>> = {
  full: "preMaintenance",
  diff: "preMaintenance",
  incr: "preMaintenance",
  dump: "logical",
  schema: "schema",
};

/** The kind and the tier for what is named of them. @throws Refusal if the tier is for other kinds */
export function chooseBackup(
  kind: BackupKind | undefined,
  tier: TierName | undefined,
): Omit<BackupRequest, "databases"> {
  if (tier === undefined) return { kind: kind ?? "incr", tier: tierByHand[kind ?? "incr"] };
  if (kind !== undefined && isPhysical(kind) !== isPhysical(tierKinds[tier]))
    throw new Refusal(`tier ${tier} is for backups of kind ${tierKinds[tier]}`);
  return { kind: kind ?? tierKinds[tier], tier };
}

async function physical(job: LocalStackFile, request: BackupRequest, context: Context): Promise<TakenBackup[]> {
  const { kind, tier } = request;
  if (!isPhysical(kind)) throw new Error(`${kind} is not a physical backup`);
  const set = await takeBackup(job, { kind, tier }, context);
  for (const label of await expire(job)) context.note(`expired ${label}`);
  const seconds = (set.stoppedAt - set.startedAt) / 1000;
  return [{ label: set.label, kind: set.kind, size: set.size, stored: set.added, seconds }];
}

interface LogicalRequest extends BackupRequest {
  readonly kind: "dump" | "schema";
}

async function dumpOne(
  job: StackFile,
  database: string,
  run: { wanted: LogicalRequest; context: Context },
): Promise<TakenBackup> {
  const { kind, tier } = run.wanted;
  const server = await serverOf(job);
  if (server === undefined) throw new Refusal("no server of the cluster is the primary: nothing to dump");
  const made = await backUpLogically(job, { database, kind, tier, server }, run.context);
  return { label: made.name, kind, size: made.size, stored: made.size, seconds: made.durationSeconds, database };
}

/** Dumps one database after the other: one that cannot be dumped does not keep the others from it. */
async function logical(job: StackFile, wanted: LogicalRequest, context: Context): Promise<TakenBackup[]> {
  const { tier, databases } = wanted;
  const unknown = databases.find((name) => !job.databases.includes(name));
  if (unknown !== undefined)
    throw new Refusal(`the stack has no database "${unknown}"; it has: ${job.databases.join(", ")}`);
  const taken: TakenBackup[] = [];
  const failures: Error[] = [];
  for (const database of databases.length > 0 ? databases : job.databases) {
    const began = Date.now();
    const finish = async (passed: boolean, detail: string): Promise<void> => {
      const run = { at: new Date().toISOString(), tier, passed, seconds: (Date.now() - began) / 1000, detail };
      if (isRemoteJob(job)) await recordDumpRun(job, { ...run, database });
    };
    try {
      const one = await dumpOne(job, database, { wanted, context });
      taken.push(one);
      await finish(true, one.label);
    } catch (error) {
      if (context.signal.aborted || error instanceof Refusal || !(error instanceof Error)) throw error;
      failures.push(error);
      context.note(`${database}: ${error.message}`);
      // What keeps the store from taking a dump may keep it from taking the record, too.
      await finish(false, error.message).catch(() => undefined);
    }
  }
  const [first, ...more] = failures;
  if (first === undefined) return taken;
  throw more.length === 0 ? first : new Failure(failures.map(({ message }) => message).join("\n"));
}

function take(job: StackFile, request: BackupRequest, context: Context): Promise<TakenBackup[]> {
  const { kind } = request;
  if (!isPhysical(kind)) return logical(job, { ...request, kind }, context);
  if (isRemoteJob(job))
    throw new Refusal(
      `stack "${job.stack}" gets its physical backups from its cloud; this command only takes dumps: \`howdah backup logical\` or \`schema\``,
    );
  return physical(job, request, context);
}

/** Of a cluster of this machine: how the runs of each tier ended, and the metrics. */
async function conclude(job: StackFile, run: BackupRun): Promise<void> {
  if (isRemoteJob(job)) return;
  await recordRun(job, run);
  await writeMetrics(job);
}

/** Takes the backup, and records what came of it, whatever that is. A failure is told to the webhook as well. */
export async function backUp(job: StackFile, request: BackupRequest, context: Context): Promise<TakenBackup[]> {
  const { tier } = request;
  const began = Date.now();
  const run = (passed: boolean, detail: string): BackupRun => ({
    at: new Date().toISOString(),
    tier,
    passed,
    seconds: (Date.now() - began) / 1000,
    detail,
  });
  try {
    const taken = await take(job, request, context);
    await conclude(job, run(true, taken.map(({ label }) => label).join(", ")));
    return taken;
  } catch (error) {
    // What the user ended, or what was never begun, is no failure of the backups.
    if (context.signal.aborted || error instanceof Refusal) throw error;
    await conclude(job, run(false, messageOf(error))).catch(() => undefined);
    await notifyOfFailure(job, { what: "backup", outcome: "failed", detail: `${tier}: ${messageOf(error)}` }, context);
    throw error;
  }
}
