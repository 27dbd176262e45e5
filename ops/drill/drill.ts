import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Job } from "../../components/backup/job";
import { withLock } from "../../tools/lock";
import { writeCanary } from "../canary";
import type { Context } from "../context";
import { count } from "../format";
import { repositoryOf } from "../pgbackrest/command";
import { type ListedSet, readCatalog } from "../pgbackrest/sets";
import { archivedSegments, missingSegments } from "../pgbackrest/wal";
import { Refusal } from "../refusal";
import { restoreFiles } from "../restore/files";
import { needRoom } from "../restore/room";
import { RestoredServer } from "../restore/server";
import { chooseSet } from "../restore/target";
import { primaryOf, query, type SocketServer } from "../sql";
import { arrival } from "./arrival";
import { checkCanaries, checkCatalog, checkStructure } from "./inspect";
import { type CheckName, type DrillReport, rememberDrill } from "./report";
import { compareDigests, digestTables, drawTables } from "./samples";

export interface DrillRequest {
  /** Label of a backup, or `random`; default: the newest. */
  readonly set?: string;
  /** Switches the WAL at once in place of waiting for `archive_timeout`; the RPO is not measured then. */
  readonly quick: boolean;
}

/** A check that failed; the first one ends the drill. */
class DrillFault extends Error {
  constructor(
    readonly check: CheckName,
    reason: string,
  ) {
    super(reason);
  }
}

/** Room for a slow archiver beside `archive_timeout`. */
const archiverSeconds = 60;

const pick = (sets: readonly ListedSet[], wanted: string | undefined): ListedSet => {
  if (wanted !== "random") return chooseSet(sets, { kind: "latest" }, wanted);
  const drawn = sets[Math.floor(Math.random() * sets.length)];
  return chooseSet(sets, { kind: "latest" }, drawn?.label);
};

/** One drill: what it restores, where, and what it has found so far. */
class Drill {
  readonly checks: DrillReport["checks"] = [];
  rtoSeconds: number | undefined;
  rpoSeconds: number | undefined;

  constructor(
    private readonly job: Job,
    private readonly request: DrillRequest,
    private readonly context: Context,
  ) {}

  private async check<T>(name: CheckName, work: () => Promise<T>, describe: (result: T) => string): Promise<T> {
    this.context.signal.throwIfAborted();
    this.context.progress(`drill: ${name}`);
    try {
      const result = await work();
      this.checks.push({ name, detail: describe(result) });
      return result;
    } catch (error) {
      if (this.context.signal.aborted) throw error;
      throw new DrillFault(name, (error as Error).message);
    }
  }

  /** Everything, in a folder that is removed whatever happens. @throws DrillFault */
  async run(folder: string, primary: SocketServer, set: ListedSet): Promise<void> {
    const { job, request, context } = this;
    const tables = await drawTables(primary, ["postgres", ...job.databases]);
    const canary = await writeCanary(primary, "drill");
    const before = await digestTables(primary, tables);
    if (request.quick) await query(primary, "SELECT pg_switch_wal()");
    const patience = job.objectives.archiveSeconds * 2 + archiverSeconds;
    const arrived = arrival(primary, canary, { patience, signal: context.signal });
    // Awaited below; a failure meanwhile is no unhandled one.
    arrived.catch(() => undefined);
    const restoring = await this.timed(() =>
      this.check(
        "restore",
        () => this.files(folder, set),
        () => set.label,
      ),
    );
    const rpo = await this.check(
      "archive",
      () => this.wholeArchive(set, arrived),
      (seconds) => `the commit arrived after ${seconds.toFixed(1)} s`,
    );
    if (!request.quick) this.rpoSeconds = Math.round(rpo * 10) / 10;
    await this.inspect(folder, set, { restoring, tables, before, primary, canary });
  }

  private async inspect(
    folder: string,
    set: ListedSet,
    given: {
      restoring: number;
      tables: Awaited<ReturnType<typeof drawTables>>;
      before: readonly (string | undefined)[];
      primary: SocketServer;
      canary: Awaited<ReturnType<typeof writeCanary>>;
    },
  ): Promise<void> {
    const { job, context } = this;
    let server: RestoredServer | undefined;
    try {
      const replaying = await this.timed(() =>
        this.check(
          "replay",
          async () => {
            server = await this.serve(folder);
            await server.promoted(context);
          },
          () => "to the newest WAL",
        ),
      );
      if (server === undefined) return;
      const restored = server;
      this.rtoSeconds = Math.round((given.restoring + replaying) * 10) / 10;
      await this.check("canary", () => checkCanaries(restored, set, given.canary), String);
      await this.check("catalog", () => checkCatalog(job, restored), String);
      await this.check("amcheck", () => checkStructure(job, restored), String);
      await this.check("samples", () => this.compare(restored, given), String);
      await restored.stop("fast");
      await this.check(
        "checksums",
        () => restored.verifyChecksums(),
        () => "every page",
      );
    } finally {
      await server?.stop("immediate");
    }
  }

  private async timed(work: () => Promise<unknown>): Promise<number> {
    const began = performance.now();
    await work();
    return Math.round((performance.now() - began) / 100) / 10;
  }

  private async files(folder: string, set: ListedSet): Promise<void> {
    const { job, context } = this;
    const [server] = job.servers;
    await needRoom(folder, set.size);
    const from = { configFile: server?.backrestFile ?? "", stanza: job.repository.stanza };
    const { processes } = job.repository;
    const to = join(folder, "data");
    await mkdir(to, { mode: 0o700 });
    await restoreFiles({ from, set, target: { kind: "latest" }, to, processes, lowPriority: true }, context);
  }

  /** Replay ends without a word where a segment is missing: the archive is looked through first. */
  private async wholeArchive(set: ListedSet, arrived: Promise<number>): Promise<number> {
    const at = repositoryOf(this.job);
    const seconds = await arrived;
    const { archiveId } = await readCatalog(at);
    const names = archiveId === undefined ? [] : await archivedSegments(at, archiveId);
    const [missing, ...more] = missingSegments(names, set.wal.start);
    if (missing !== undefined)
      throw new Error(
        `the archive lacks WAL segment ${missing}${more.length === 0 ? "" : ` and ${more.length} more`}: nothing after it can be restored`,
      );
    return seconds;
  }

  private async serve(folder: string): Promise<RestoredServer> {
    const socketDirectory = join(folder, "s");
    await mkdir(socketDirectory, { mode: 0o700 });
    const { postgresBin } = this.job;
    return RestoredServer.start({ postgresBin, dataDirectory: join(folder, "data"), socketDirectory, throwaway: true });
  }

  private async compare(
    restored: RestoredServer,
    {
      tables,
      before,
      primary,
    }: {
      tables: Awaited<ReturnType<typeof drawTables>>;
      before: readonly (string | undefined)[];
      primary: SocketServer;
    },
  ): Promise<string> {
    const found = await digestTables(restored, tables);
    const after = await digestTables(primary, tables);
    const { equal, busy, different } = compareDigests(tables, { before, after, restored: found });
    const [first, ...more] = different;
    if (first !== undefined)
      throw new Error(`${first}${more.length === 0 ? "" : ` (and ${more.length} more tables differ)`}`);
    return `${count(equal, "table")} the same, ${busy} written to meanwhile`;
  }
}

async function inFolder(job: Job, work: (folder: string) => Promise<void>): Promise<void> {
  const prefix = "drill-";
  // What a killed drill left; its server ended with it.
  for (const name of await readdir(job.folders.work).catch(() => []))
    if (name.startsWith(prefix)) await rm(join(job.folders.work, name), { recursive: true, force: true });
  const folder = join(job.folders.work, `${prefix}${process.pid}`);
  await mkdir(folder, { mode: 0o700 });
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Restores a backup to a throwaway server, replays to the newest WAL, and looks whether it is what it was. Writes the result to
 * the history, whatever it is.
 * @throws Refusal where there is no primary or no backup
 */
export async function drill(job: Job, request: DrillRequest, context: Context): Promise<DrillReport> {
  const wait = (pid: string): void => {
    context.progress(`waiting for another drill (process ${pid})`);
  };
  return withLock(join(job.folders.work, "drill.lock"), wait, async () => {
    const primary = await primaryOf(job);
    if (primary === undefined)
      throw new Refusal("no server of the cluster is the primary: a drill has nothing to compare with");
    const set = pick((await readCatalog(repositoryOf(job))).sets, request.set);
    const one = new Drill(job, request, context);
    let cause: DrillReport["cause"];
    await inFolder(job, (folder) => one.run(folder, primary, set)).catch((error: unknown) => {
      if (!(error instanceof DrillFault)) throw error;
      cause = { check: error.check, reason: error.message };
    });
    const { checks, rtoSeconds, rpoSeconds } = one;
    const measured = {
      ...(rtoSeconds === undefined ? {} : { rtoSeconds }),
      ...(rpoSeconds === undefined ? {} : { rpoSeconds }),
    };
    const outcome = cause === undefined ? { passed: true } : { passed: false, cause };
    const at = new Date().toISOString();
    const report = { at, set: set.label, quick: request.quick, size: set.size, ...measured, checks, ...outcome };
    await rememberDrill(job, report);
    return report;
  });
}
