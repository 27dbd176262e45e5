import type { StackFile } from "../../../contracts/stack-file";
import { Refusal } from "../../../lib/errors";
import type { Context } from "../../kit/answer";
import { isRemoteJob } from "../../kit/find-stack";
import { whileRoom } from "../../restore/files/room";
import { serverOf } from "../../session/sql";
import { withWorkFolder } from "../../session/work-folder";
import type { Manifest } from "../store/manifest";
import { restoreLogically } from "./restore";

/** A dump to restore into a new database of the cluster. */
export interface DumpRestore {
  /** Name of the dump. */
  readonly name: string;
  /** A database that does not exist yet. */
  readonly database: string;
  /** File with the age identity that opens it; default: the stack's own. */
  readonly identity?: string | undefined;
  /** Role that the database will belong to; default: the one in the dump. */
  readonly owner?: string | undefined;
  /** Run what the dump brings along as the superuser, or the cloud's administrator. */
  readonly asSuperuser: boolean;
}

/** Restores a dump into a new database of the stack's own cluster. @throws Refusal without a primary */
export async function restoreIntoCluster(job: StackFile, wanted: DumpRestore, context: Context): Promise<Manifest> {
  const { name, database: into, identity, owner, asSuperuser } = wanted;
  const server = await serverOf(job);
  if (server === undefined)
    throw new Refusal("no server of the cluster is the primary: there is nowhere to restore to");
  if (asSuperuser && owner !== undefined)
    throw new Refusal("--owner cannot be combined with --as-superuser, which restores the dump's owners");
  const asked = { name, into, server, ...(identity === undefined ? {} : { identityFile: identity }) };
  return withWorkFolder(job, "restore-dump", (folder) => {
    const request = asSuperuser ? asked : { ...asked, confined: { folder, handOver: { owner } } };
    if (isRemoteJob(job)) return restoreLogically(job, request, context);
    const [{ dataDirectory } = { dataDirectory: folder }] = job.servers;
    return whileRoom(dataDirectory, { context }, (watched) => restoreLogically(job, request, watched));
  });
}
