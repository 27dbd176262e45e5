import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { LocalStackFile } from "../../contracts/stack-file";
import { readerScript, socketLogins } from "../../components/backup/socket-logins";
import type { Context } from "../kit/answer";
import { count } from "../../lib/text/format";
import { repositoryOf } from "../pgbackrest/command";
import type { ListedSet } from "../pgbackrest/sets";
import { missingSegments } from "../pgbackrest/wal";
import { restoreFiles } from "../restore/files/files";
import { needRoom } from "../restore/files/room";
import { RestoredServer } from "../restore/server/server";
import { ownSource } from "../restore/plan/source";
import type { Target } from "../restore/plan/target";
import { newestLineage, segmentsOn } from "../restore/plan/timelines";
import { asLogin, query } from "../session/sql";
import { arrival, untilArchived } from "./arrival";
import { checkSamples, type Evidence } from "./evidence";
import { checkCanaries, checkCatalog } from "./inspect";
import { rounded, type Steps } from "./steps";
import { checkStructure } from "./structure";

export interface TrialInput {
  readonly job: LocalStackFile;
  readonly set: ListedSet;
  /** Absent for a backup from which no WAL leads to now: it is from before the point-in-time window, or of another timeline. */
  readonly evidence?: Evidence;
  /** Folder of its own, removed by the caller. */
  readonly folder: string;
}

/** What a trial measures, in seconds. */
export interface Measured {
  readonly rtoSeconds?: number;
  readonly rpoSeconds?: number;
}

/** Room for a slow archiver in addition to `archive_timeout`. */
const archiverSeconds = 60;

/** @returns the settings with which a server replays */
async function restore(
  { job, set, folder, evidence }: TrialInput,
  context: Context,
): Promise<Readonly<Record<string, string>>> {
  await needRoom(folder, set.size);
  const to = join(folder, "data");
  await mkdir(to, { mode: 0o700 });
  const target: Target = { kind: evidence === undefined ? "immediate" : "latest" };
  const { processes } = job.repository;
  // Another timeline may begin meanwhile, by a failover; a backup's own end is on its own.
  const timeline = evidence === undefined ? "current" : "latest";
  const from = ownSource(job);
  return restoreFiles({ from, set, target, timeline, to, processes, lowPriority: true }, context);
}

/** Replay ends without an error if a segment is missing: the archive is looked through first. */
async function checkArchive({ job, set }: TrialInput): Promise<void> {
  const { archive, lineage } = await newestLineage(repositoryOf(job), set.archiveId);
  const [missing, ...more] = missingSegments(segmentsOn(lineage, archive.segments), set.wal.start);
  if (missing === undefined) return;
  const others = more.length === 0 ? "" : ` and ${count(more.length, "more")}`;
  throw new Error(`missing from the archive: WAL segment ${missing}${others}; nothing after it can be restored`);
}

/** Waits until the archive holds all the evidence; tells how long the canary took. */
async function awaitArchive(
  job: LocalStackFile,
  { primary, canary, end }: Evidence,
  { signal }: Context,
): Promise<number> {
  const how = { timeoutSeconds: job.objectives.archiveSeconds * 2 + archiverSeconds, signal };
  const seconds = await arrival(primary, canary, how);
  await untilArchived(primary, end, how);
  return seconds;
}

async function serve({ job, folder }: TrialInput, settings: Readonly<Record<string, string>>): Promise<RestoredServer> {
  const socketDirectory = join(folder, "s");
  await mkdir(socketDirectory, { mode: 0o700 });
  const { postgresBin } = job;
  const dataDirectory = join(folder, "data");
  // What is restored brings code of its databases' owners.
  const guarded = { logins: [socketLogins.reader], bare: true, throwaway: true, settings };
  return RestoredServer.start({ postgresBin, dataDirectory, socketDirectory, ...guarded });
}

/** The login that reads: in a backup from before the stack had it, it is not there. */
async function makeReader(server: RestoredServer, databases: readonly string[]): Promise<void> {
  await query(server, readerScript);
  for (const database of ["postgres", ...databases]) {
    const grant = `SELECT format('GRANT CONNECT ON DATABASE %I TO ${socketLogins.reader}', $1::text) AS sql`;
    const [row] = await query<{ sql: string }>(server, grant, [database]);
    if (row !== undefined) await query(server, row.sql);
  }
}

async function inspect(input: TrialInput, server: RestoredServer, steps: Steps): Promise<void> {
  const { job, set, evidence } = input;
  const { reader } = socketLogins;
  await steps.check("canary", () => checkCanaries(server, set, evidence?.canary));
  await steps.check("catalog", async () => {
    await makeReader(server, job.databases);
    return checkCatalog(job, asLogin(server, reader));
  });
  await steps.check("amcheck", () => checkStructure(job, server, reader));
  if (evidence !== undefined) await steps.check("samples", () => checkSamples(server, evidence));
  await server.stop("fast");
  await steps.check("checksums", async () => {
    await server.verifyChecksums();
    return "every page";
  });
}

/**
 * Restores a backup, replays, and looks at what came of it; the server is down in the end.
 * @param record receives each measurement as soon as it is there: a later check may fail
 * @throws DrillFault
 */
export async function trial(
  input: TrialInput,
  { steps, context, record }: { steps: Steps; context: Context; record: (measured: Measured) => void },
): Promise<void> {
  const { job, evidence } = input;
  const arrived = evidence && awaitArchive(job, evidence, context);
  // Awaited below; a failure meanwhile is no unhandled one.
  arrived?.catch(() => undefined);
  let settings: Readonly<Record<string, string>> = {};
  const restoring = await steps.check("restore", async () => {
    settings = await restore(input, context);
    return input.set.label;
  });
  if (arrived !== undefined)
    await steps.check("archive", async () => {
      const seconds = rounded(await arrived);
      await checkArchive(input);
      record({ rpoSeconds: seconds });
      return `complete; the commit arrived after ${seconds} s`;
    });
  let server: RestoredServer | undefined;
  try {
    const replaying = await steps.check("replay", async () => {
      server = await serve(input, settings);
      await server.promoted(context);
      return evidence === undefined ? "to the end of the backup" : "to the newest WAL";
    });
    record({ rtoSeconds: rounded(restoring + replaying) });
    if (server !== undefined) await inspect(input, server, steps);
  } finally {
    await server?.stop("immediate");
  }
}
