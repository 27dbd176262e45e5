import type { LocalStackFile } from "../../contracts/stack-file";
import { longestPause } from "../../components/backup/cron";
import { tierNames } from "../../contracts/tiers";
import type { BackupRun } from "../records/backup-runs";
import { type DrillReport, ownFailure } from "../drill/report";
import { count, formatBytes, formatSpan, formatTime } from "../../lib/text/format";
import type { ListedSet } from "../pgbackrest/sets";
import { broken, type Finding, good, neglected, unlessAny } from "./finding";
import { GB, hour, MB } from "../../lib/units";

/** Services that do not run. @param states by service, as the supervisor names them */
export function judgeServices(wanted: readonly string[], states: ReadonlyMap<string, string>): readonly Finding[] {
  const bad = wanted
    .map((name): [string, string] => [name, states.get(name) ?? "unknown to the supervisor"])
    .filter(([, state]) => state !== "RUNNING")
    .map(([name, state]) => broken("services", `${name} is ${state}; its log is log/${name}.log`));
  return unlessAny(bad, good("services", `${count(wanted.length, "service")} run`));
}

/** What a primary says of its archiver; times in seconds since the epoch. */
export interface Archiver {
  readonly lastArchived: number | null;
  readonly lastFailed: number | null;
  readonly failedWal: string | null;
  /** Seconds that the oldest segment has been waiting; null if none waits. */
  readonly waiting: number | null;
}

/** Seconds that a segment may wait beyond `archive_timeout`: pgBackRest takes that long on a busy machine. */
const archiveGrace = 60;

export function judgeArchive(archiver: Archiver, archiveSeconds: number): Finding {
  const { lastArchived, lastFailed, failedWal, waiting } = archiver;
  if (lastFailed !== null && lastFailed > (lastArchived ?? 0))
    return neglected(
      "archive",
      `archiving has been failing since ${formatTime(lastFailed * 1000)}, at ${failedWal ?? "a segment"}: see the server's log; until it works, WAL fills the disk`,
    );
  if (waiting !== null && waiting > archiveSeconds + archiveGrace)
    return neglected("archive", `a segment has been waiting for ${formatSpan(waiting * 1000)}`);
  return good(
    "archive",
    lastArchived === null ? "nothing to archive yet" : `last at ${formatTime(lastArchived * 1000)}`,
  );
}

export interface BackupsSeen {
  readonly sets: readonly Pick<ListedSet, "label" | "sound" | "startedAt" | "stoppedAt">[];
  readonly runs: readonly BackupRun[];
  readonly tiers: LocalStackFile["tiers"];
  /** When the schedule was written, in milliseconds: a tier that is new has not had its first run. */
  readonly scheduledAt: number;
}

/** Milliseconds after which a backup that should have begun is overdue: it may take long, or wait for another. */
const backupGrace = hour;

export function judgeBackups({ sets, runs, tiers, scheduledAt }: BackupsSeen, now: number): readonly Finding[] {
  const newest = sets.findLast(({ sound }) => sound);
  if (newest === undefined) return [neglected("backups", "there is no intact backup: run `npx howdah backup full`")];
  const bad = tierNames.flatMap((name): Finding[] => {
    const { schedule } = tiers[name];
    const own = runs.filter(({ tier }) => tier === name);
    const last = own.at(-1);
    if (last?.passed === false)
      return [neglected("backups", `${name} failed at ${formatTime(Date.parse(last.at))}: ${last.detail}`)];
    if (schedule === null) return [];
    const since = last === undefined ? scheduledAt : Date.parse(last.at);
    const due = since + longestPause(schedule) + backupGrace;
    return now > due
      ? [neglected("backups", `${name} has been overdue since ${formatTime(due)}: see log/backup-schedule.log`)]
      : [];
  });
  const detail = `newest ${newest.label}, ${formatSpan(now - newest.stoppedAt)} old`;
  return unlessAny(bad, good("backups", detail));
}

export function judgeDrill(drills: readonly DrillReport[], overdueSeconds: number, now: number): Finding {
  const last = drills.at(-1);
  const passed = drills.findLast((drill) => drill.passed);
  const again = "to try again, run `npx howdah drill`";
  if (last === undefined) return neglected("drill", "no drill has restored a backup yet: run `npx howdah drill`");
  if (!last.passed) {
    const { check = "?", reason = "?" } = last.cause ?? {};
    const found = check === ownFailure ? "did not finish" : `failed at "${check}"`;
    return neglected("drill", `the last one, of ${formatTime(Date.parse(last.at))}, ${found}: ${reason}; ${again}`);
  }
  const age = now - Date.parse(passed?.at ?? last.at);
  return age > overdueSeconds * 1000
    ? neglected("drill", `overdue: the last good one is ${formatSpan(age)} old; ${again}`)
    : good("drill", `a backup was restored ${formatSpan(age)} ago`);
}

export interface CertificateSeen {
  readonly name: string;
  /** Milliseconds since the epoch, both. */
  readonly from: number;
  readonly to: number;
}

/** `up` renews a certificate once a third of its days is left; at half of that, `up` has not run for long. */
const shareLeft = 1 / 6;

export function judgeCertificates(certificates: readonly CertificateSeen[], now: number): readonly Finding[] {
  if (certificates.length === 0) return [broken("certificates", "there are none: `make up` creates them")];
  const soonest = Math.min(...certificates.map(({ to }) => to));
  const bad = certificates.flatMap(({ name, from, to }): Finding[] => {
    if (now >= to) return [broken("certificates", `${name} has expired at ${formatTime(to)}: \`make up\` renews it`)];
    return to - now < (to - from) * shareLeft
      ? [neglected("certificates", `${name} has ${formatSpan(to - now)} left: \`make up\` renews it`)]
      : [];
  });
  return unlessAny(
    bad,
    good("certificates", `${certificates.length}, the first expires in ${formatSpan(soonest - now)}`),
  );
}

/** Free space below which PostgreSQL may soon stop: 5 % of the disk, but at least 1 GB, and no more than 10 GB. @param disk in MB */
export function judgeDisk(disk: { readonly free: number; readonly size: number }, path: string): Finding {
  const needed = Math.max(GB, Math.min(0.05 * disk.size * MB, 10 * GB));
  const detail = `${formatBytes(disk.free * MB)} of ${formatBytes(disk.size * MB)} free (${path})`;
  return disk.free * MB < needed ? neglected("disk", `nearly full: ${detail}; make room`) : good("disk", detail);
}
