import { Argument, type Command, Option } from "commander";
import { isPhysical, tierKinds, tierNames, type BackupKind, type TierName } from "../../contracts/tiers";
import type { LocalStackFile, StackFile } from "../../contracts/stack-file";
import { Failure, messageOf } from "../../lib/errors";
import { type BackupRun, rememberDumpRun, rememberRun } from "../records/backup-runs";
import type { Context } from "../kit/context";
import { isRemoteJob } from "../kit/find-stack";
import { formatBytes, formatSpan } from "../../lib/format";
import { backUpLogically } from "../dumps/take/backup";
import { writeMetrics } from "../metrics/textfile";
import { tell } from "../kit/tell";
import { takeBackup } from "../pgbackrest/backup";
import { expire } from "../pgbackrest/expire";
import { Refusal } from "../kit/refusal";
import { type Answer, runAnyVerb, type Surroundings } from "../kit/run-verb";
import { serverOf } from "../session/sql";
import { tableOf } from "../../lib/table";

interface BackupWords {
  readonly tier?: TierName;
  readonly database?: readonly string[];
}

/** Kinds as they are typed; each with the tier that a backup by hand belongs to. */
const kinds: Readonly<Record<string, { readonly kind: BackupKind; readonly tier: TierName }>> = {
  full: { kind: "full", tier: "preMaintenance" },
  diff: { kind: "diff", tier: "preMaintenance" },
  incr: { kind: "incr", tier: "preMaintenance" },
  logical: { kind: "dump", tier: "logical" },
  schema: { kind: "schema", tier: "schema" },
};

interface Wanted {
  readonly kind: BackupKind;
  readonly tier: TierName;
}

function wanted(word: string | undefined, tier: TierName | undefined): Wanted {
  const named = word === undefined ? undefined : kinds[word];
  if (tier === undefined) return named ?? { kind: "incr", tier: "preMaintenance" };
  if (named !== undefined && isPhysical(named.kind) !== isPhysical(tierKinds[tier]))
    throw new Refusal(`tier ${tier} is for backups of kind ${tierKinds[tier]}`);
  return { kind: named?.kind ?? tierKinds[tier], tier };
}

/** What one run took: names, and a line for a reader each. */
interface Taken {
  readonly label: string;
  readonly kind: BackupKind;
  readonly size: number;
  readonly stored: number;
  readonly seconds: number;
  readonly database?: string;
}

async function physical(job: LocalStackFile, request: Wanted, context: Context): Promise<Taken[]> {
  const { kind, tier } = request;
  if (!isPhysical(kind)) throw new Error(`${kind} is no physical backup`);
  const set = await takeBackup(job, { kind, tier }, context);
  for (const label of await expire(job)) context.note(`expired ${label}`);
  const seconds = (set.stoppedAt - set.startedAt) / 1000;
  return [{ label: set.label, kind: set.kind, size: set.size, stored: set.added, seconds }];
}

interface LogicalWanted {
  readonly kind: "dump" | "schema";
  readonly tier: TierName;
  readonly databases: readonly string[];
}

async function dumpOne(
  job: StackFile,
  database: string,
  run: { wanted: LogicalWanted; context: Context },
): Promise<Taken> {
  const { kind, tier } = run.wanted;
  const server = await serverOf(job);
  if (server === undefined) throw new Refusal("no server of the cluster is the primary: nothing to dump");
  const made = await backUpLogically(job, { database, kind, tier, server }, run.context);
  return { label: made.name, kind, size: made.size, stored: made.size, seconds: made.durationSeconds, database };
}

/** Dumps one database after the other: one that cannot be dumped does not keep the others from it. */
async function logical(job: StackFile, wanted: LogicalWanted, context: Context): Promise<Taken[]> {
  const { tier, databases } = wanted;
  const unknown = databases.find((name) => !job.databases.includes(name));
  if (unknown !== undefined)
    throw new Refusal(`the stack has no database "${unknown}"; it has: ${job.databases.join(", ")}`);
  const taken: Taken[] = [];
  const failures: Error[] = [];
  for (const database of databases.length > 0 ? databases : job.databases) {
    const began = Date.now();
    const finish = async (passed: boolean, detail: string): Promise<void> => {
      const run = { at: new Date().toISOString(), tier, passed, seconds: (Date.now() - began) / 1000, detail };
      if (isRemoteJob(job)) await rememberDumpRun(job, { ...run, database });
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

const describe = (taken: readonly Taken[]): string =>
  tableOf(
    ["backup", "kind", "stored", "took"],
    taken.map((one) => [one.label, one.kind, formatBytes(one.stored), formatSpan(one.seconds * 1000)]),
  );

/** Of a cluster of this machine: how the runs of each tier ended, and the metrics. */
async function conclude(job: StackFile, run: BackupRun): Promise<void> {
  if (isRemoteJob(job)) return;
  await rememberRun(job, run);
  await writeMetrics(job);
}

function take(job: StackFile, wanted: Wanted & { databases: readonly string[] }, context: Context): Promise<Taken[]> {
  const { kind, tier, databases } = wanted;
  if (!isPhysical(kind)) return logical(job, { kind, tier, databases }, context);
  if (isRemoteJob(job))
    throw new Refusal(
      `physical backups of stack "${job.stack}" are taken by its service; this command dumps: \`howdah backup logical\` or \`schema\``,
    );
  return physical(job, { kind, tier }, context);
}

/** Takes the backup and writes down what came of it, whatever that is. */
async function backUp(given: Surroundings<StackFile>, word: string | undefined, words: BackupWords): Promise<Answer> {
  const { job, context } = given;
  const { kind, tier } = wanted(word, words.tier);
  const began = Date.now();
  const run = (passed: boolean, detail: string): BackupRun => ({
    at: new Date().toISOString(),
    tier,
    passed,
    seconds: (Date.now() - began) / 1000,
    detail,
  });
  try {
    const taken = await take(job, { kind, tier, databases: words.database ?? [] }, context);
    await conclude(job, run(true, taken.map(({ label }) => label).join(", ")));
    return { data: { tier, backups: taken }, text: describe(taken) };
  } catch (error) {
    // What the user ended, or what was never begun, is no failure of the backups.
    if (context.signal.aborted || error instanceof Refusal) throw error;
    await conclude(job, run(false, messageOf(error))).catch(() => undefined);
    await tell(job, { what: "backup", outcome: "failed", detail: `${tier}: ${messageOf(error)}` }, context);
    throw error;
  }
}

/** `howdah backup`. */
export function registerBackup(program: Command): void {
  const collect = (name: string, before: readonly string[] = []): string[] => [...before, name];
  const command = program
    .command("backup")
    .description(
      "Take a backup: physical of the whole cluster (full, diff, incr), or logical per database (logical, schema)",
    )
    .addArgument(new Argument("[kind]", "default: incr, or what the tier takes").choices(Object.keys(kinds)))
    .addOption(
      new Option("--tier <tier>", "how long it is kept; default: preMaintenance, logical or schema").choices(tierNames),
    )
    .addOption(
      new Option("--database <name>", "only this database; may be repeated (logical, schema)").argParser(collect),
    );
  command.action((word: string | undefined, words: BackupWords) =>
    runAnyVerb(command, (given) => backUp(given, word, words)),
  );
}
