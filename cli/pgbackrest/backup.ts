import { join } from "node:path";
import type { LocalStackFile } from "../../contracts/stack-file";
import type { PhysicalKind, TierName } from "../../contracts/tiers";
import { Failure, messageOf, Refusal } from "../../lib/errors";
import { formatBytes } from "../../lib/text/format";
import { retry, type RetryPolicy } from "../../lib/retry";
import type { Context } from "../kit/answer";
import { freeBytes } from "../restore/files/room";
import { endSwitch, unfinishedSwitch } from "../restore/in-place/switch-intent";
import { writeCanary } from "../session/canary";
import { needPrimary } from "../session/primary";
import { backrest, isLockHeld, repositoryOf } from "./command";
import { lockTimeoutSeconds, onceFree } from "./lock";
import { BackrestProgress } from "./progress";
import { type ListedSet, readCatalog } from "./sets";
import { MB } from "../../lib/units";

export interface BackupRequest {
  readonly kind: PhysicalKind;
  readonly tier: TierName;
}

/** The disk of the repository is full. */
class FullRepository extends Failure {}

/** Times that a backup is begun again: a failover in its middle ends it, and the next one finds the new primary. */
const attempts = 4;
const pauseSeconds = 5;

/** One attempt. @returns the canary's mark, by which the backup is found */
async function attempt(job: LocalStackFile, { kind, tier }: BackupRequest, context: Context): Promise<string> {
  const canary = await writeCanary(await needPrimary(job, context), `backup ${tier}`);
  const mark = `${canary.id}-${canary.token}`;
  const progress = new BackrestProgress(`${kind} backup`, context.progress);
  const options = [`--type=${kind}`, `--annotation=tier=${tier}`, `--annotation=canary=${mark}`];
  await backrest(repositoryOf(job), ["--log-level-console=detail", ...options, "backup"], {
    onLine: progress.line,
    signal: context.signal,
  });
  return mark;
}

/** Below this, a repository is full; pgBackRest itself does not say so. */
const fullBytes = 16 * MB;

/** The error of a failed attempt: a `Refusal` if another attempt would fail too, such as on a full disk. */
async function explained(job: LocalStackFile, error: unknown): Promise<unknown> {
  if (error instanceof Refusal) return error;
  if (isLockHeld(error))
    return new Refusal(`another backup has been running for ${lockTimeoutSeconds} s; this one was not taken`);
  const folder = join(job.repository.path, "backup");
  const free = await freeBytes(folder).catch(() => Infinity);
  if (free >= fullBytes) return error;
  return new FullRepository(
    `no space left for a backup: the disk of ${folder} has ${formatBytes(free)} free. Make room, or shorten the retention of backups (howdah:backup.tiers)\n${messageOf(error)}`,
  );
}

/** Tells the repository that the files of the servers are another cluster's now; with those that it knows, nothing happens. */
async function adoptCluster(job: LocalStackFile, context: Context): Promise<void> {
  await onceFree(() => backrest(repositoryOf(job), ["--log-level-console=warn", "stanza-upgrade"]), context);
}

/**
 * Takes a physical backup, after a canary that a restore of it must show. Waits for a backup that still runs, and begins again
 * if a failover ended it.
 */
export async function takeBackup(job: LocalStackFile, request: BackupRequest, context: Context): Promise<ListedSet> {
  const switched = await unfinishedSwitch(job);
  const policy: RetryPolicy = {
    tries: attempts,
    pause: pauseSeconds * 1000,
    isPassing: (error) => !(error instanceof Refusal || error instanceof FullRepository),
    onRetry: (error, turn) => {
      context.note(`attempt ${turn} of ${attempts} failed, trying again: ${messageOf(error)}`);
    },
    signal: context.signal,
  };
  const mark = await retry(policy, async () => {
    try {
      if (switched?.foreign === true) await adoptCluster(job, context);
      return await onceFree(() => attempt(job, request, context), context);
    } catch (error) {
      throw await explained(job, error);
    }
  });
  const { sets } = await readCatalog(repositoryOf(job));
  const taken = sets.findLast(({ canary }) => canary === mark);
  if (taken === undefined) throw new Error("pgBackRest reported success, but the backup is not in the repository");
  // Whichever backup comes first after a restore in place is the one that it owed.
  if (switched?.left === "backup") await endSwitch(job);
  return taken;
}
