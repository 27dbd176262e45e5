import { join } from "node:path";
import { Misuse, Refusal } from "../../../lib/errors";
import type { RemoteStackFile } from "../../../contracts/stack-file";
import { withLock } from "../../../lib/lock";
import type { Context } from "../../kit/answer";
import { keysOf } from "../../dumps/keys";
import { listLogically } from "../../dumps/store/list";
import type { Manifest } from "../../dumps/store/manifest";
import { storeOf } from "../../dumps/store/store";
import { needRoom, whileRoom } from "../../restore/files/room";
import { withWorkFolder } from "../../session/work-folder";
import { attempt, type Draft } from "../attempt";
import { recordDumpsDrill } from "./record";
import { dumpsTrial } from "./trial";
import type { DrillReport } from "../report";
import { DrillFault, rounded, type Steps } from "../steps";

/** A restored database next to its archive's size: as large as the source, where that is known. */
const roomFor = ({ databaseBytes, size }: Manifest): number => databaseBytes ?? 10 * size;

/** The newest dump of each database, or the one that was asked for. */
async function choose(
  job: RemoteStackFile,
  wanted: string | undefined,
): Promise<{ dumps: Manifest[]; missing: string[] }> {
  const { backups } = await listLogically(job);
  const own = backups.filter(({ kind, stack }) => kind === "dump" && stack === job.stack);
  if (wanted !== undefined) {
    const dumps = own.filter(({ name }) => name === wanted);
    if (dumps.length === 0) throw new Misuse(`${storeOf(job.logical.destination).describe()} holds no dump ${wanted}`);
    return { dumps, missing: [] };
  }
  const newest = job.databases.map((database) => own.find((manifest) => manifest.database === database));
  return {
    dumps: newest.filter((manifest) => manifest !== undefined),
    missing: job.databases.filter((_, at) => newest[at] === undefined),
  };
}

async function perform(
  job: RemoteStackFile,
  wanted: string | undefined,
  { draft, steps, context }: { draft: Draft; steps: Steps; context: Context },
): Promise<void> {
  const began = Date.now();
  const { dumps, missing } = await choose(job, wanted);
  draft.set = dumps.map(({ name }) => name).join(", ");
  const oldest = Math.min(...dumps.map(({ startedAt }) => Date.parse(startedAt)));
  if (dumps.length > 0) draft.rpoSeconds = rounded((began - oldest) / 1000);
  await needRoom(
    job.folders.work,
    dumps.map(roomFor).reduce((total, bytes) => total + bytes, 0),
  );
  if (missing.length > 0) throw new DrillFault("restore", `there is no dump of ${missing.join(", ")}`);
  const record = (measured: Partial<Draft>): void => void Object.assign(draft, measured);
  await withWorkFolder(job, "drill", (folder) =>
    whileRoom(folder, { context }, (watched) =>
      dumpsTrial({ job, dumps, folder }, { steps, context: watched, record }),
    ),
  );
}

/**
 * Restores the newest dump of each database into a throwaway server and looks whether everything is there. Writes the result
 * next to the dumps, whatever it is, also that it came to none; one drill at a time.
 * @param wanted name of a dump, instead of the newest ones
 * @throws Refusal if the key is not here, or the disk has no room
 */
export async function drillDumps(
  job: RemoteStackFile,
  wanted: string | undefined,
  context: Context,
): Promise<DrillReport> {
  if ((await keysOf(job)).identities === undefined)
    throw new Refusal("the key of the dumps is not on this machine: a drill cannot restore them");
  const wait = (pid: string): void => {
    context.progress(`waiting for another drill (process ${pid})`);
  };
  return withLock(join(job.folders.work, "drill.lock"), wait, async () => {
    const work = (draft: Draft, steps: Steps) => perform(job, wanted, { draft, steps, context });
    const save = (report: DrillReport) => recordDumpsDrill(job, report);
    return attempt({ quick: false, work, save }, context);
  });
}
