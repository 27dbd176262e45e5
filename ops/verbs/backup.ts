import { Argument, type Command, Option } from "commander";
import { isPhysical, tierKinds, tierNames, type BackupKind, type TierName } from "../../components/backup/tiers";
import type { Job } from "../../components/backup/job";
import { messageOf } from "../../tools/failure";
import { rememberRun } from "../backup-runs";
import type { Context } from "../context";
import { formatBytes, formatSpan } from "../format";
import { backUpLogically } from "../logical/backup";
import { writeMetrics } from "../metrics";
import { tell } from "../tell";
import { takeBackup } from "../pgbackrest/backup";
import { expire } from "../pgbackrest/expire";
import { Refusal } from "../refusal";
import { type Answer, runVerb, type Surroundings } from "../run-verb";
import { primaryOf } from "../sql";
import { tableOf } from "../table";

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

function wanted(word: string | undefined, tier: TierName | undefined): { kind: BackupKind; tier: TierName } {
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

async function physical(job: Job, request: { kind: BackupKind; tier: TierName }, context: Context): Promise<Taken[]> {
  const { kind, tier } = request;
  if (!isPhysical(kind)) throw new Error(`${kind} is no physical backup`);
  const set = await takeBackup(job, { kind, tier }, context);
  for (const label of await expire(job)) context.note(`expired ${label}`);
  const seconds = (set.stoppedAt - set.startedAt) / 1000;
  return [{ label: set.label, kind: set.kind, size: set.size, stored: set.added, seconds }];
}

async function logical(
  job: Job,
  request: { kind: BackupKind; tier: TierName; databases: readonly string[] },
  context: Context,
): Promise<Taken[]> {
  const { tier, databases } = request;
  const kind = request.kind === "schema" ? "schema" : "dump";
  const unknown = databases.find((name) => !job.databases.includes(name));
  if (unknown !== undefined)
    throw new Refusal(`the stack has no database "${unknown}"; it has: ${job.databases.join(", ")}`);
  const taken: Taken[] = [];
  for (const database of databases.length > 0 ? databases : job.databases) {
    const server = await primaryOf(job);
    if (server === undefined) throw new Refusal("no server of the cluster is the primary: nothing to dump");
    const made = await backUpLogically(job, { database, kind, tier, server }, context);
    taken.push({ label: made.name, kind, size: made.size, stored: made.size, seconds: made.durationSeconds, database });
  }
  return taken;
}

const describe = (taken: readonly Taken[]): string =>
  tableOf(
    ["backup", "kind", "stored", "took"],
    taken.map((one) => [one.label, one.kind, formatBytes(one.stored), formatSpan(one.seconds * 1000)]),
  );

/** Takes the backup and writes down what came of it, whatever that is. */
async function backUp({ job, context }: Surroundings, word: string | undefined, words: BackupWords): Promise<Answer> {
  const { kind, tier } = wanted(word, words.tier);
  const began = Date.now();
  const finish = (passed: boolean, detail: string): Promise<void> =>
    rememberRun(job, { at: new Date().toISOString(), tier, passed, seconds: (Date.now() - began) / 1000, detail });
  try {
    const taken = isPhysical(kind)
      ? await physical(job, { kind, tier }, context)
      : await logical(job, { kind, tier, databases: words.database ?? [] }, context);
    await finish(true, taken.map(({ label }) => label).join(", "));
    await writeMetrics(job);
    return { data: { tier, backups: taken }, text: describe(taken) };
  } catch (error) {
    // What the user ended, or what was never begun, is no failure of the backups.
    if (context.signal.aborted || error instanceof Refusal) throw error;
    await finish(false, messageOf(error));
    await writeMetrics(job).catch(() => undefined);
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
    runVerb(command, (given) => backUp(given, word, words)),
  );
}
