import type { Command } from "commander";
import { isRemoteJob } from "../kit/find-stack";
import type { StackFile } from "../../contracts/stack-file";
import { formatBytes } from "../../lib/format";
import { restoreLogically } from "../dumps/restore/restore";
import { Refusal } from "../kit/refusal";
import { whileRoom } from "../restore/files/room";
import { type Answer, runAnyVerb, type Surroundings } from "../kit/run-verb";
import { serverOf } from "../session/sql";
import { userPath } from "../kit/user-path";
import { withWorkFolder } from "../session/work-folder";

interface DumpWords {
  readonly database: string;
  readonly identity?: string;
  readonly owner?: string;
  readonly asSuperuser?: boolean;
}

async function restore({ job, context }: Surroundings<StackFile>, name: string, words: DumpWords): Promise<Answer> {
  const server = await serverOf(job);
  if (server === undefined)
    throw new Refusal("no server of the cluster is the primary: there is nowhere to restore to");
  const { database: into, identity, owner, asSuperuser = false } = words;
  if (asSuperuser && owner !== undefined)
    throw new Refusal("--owner goes without --as-superuser, which restores the owners of the dump");
  const asked = { name, into, server, ...(identity === undefined ? {} : { identityFile: identity }) };
  const manifest = await withWorkFolder(job, "restore-dump", (folder) => {
    const request = asSuperuser ? asked : { ...asked, confined: { folder, handOver: { owner } } };
    if (isRemoteJob(job)) return restoreLogically(job, request, context);
    const [{ dataDirectory } = { dataDirectory: folder }] = job.servers;
    return whileRoom(dataDirectory, { context }, (watched) => restoreLogically(job, request, watched));
  });
  return {
    data: { manifest, database: into },
    text: `Restored ${name} (${manifest.database}, ${formatBytes(manifest.size)}) as the new database ${into}.`,
  };
}

/** `howdah restore-dump`. */
export function registerRestoreDump(program: Command): void {
  const command = program
    .command("restore-dump <name>")
    .description("Restore a logical backup into a new database of the cluster")
    .requiredOption("--database <name>", "a database that does not exist yet")
    .option("--identity <file>", "age identity that opens it; default: the stack's own", userPath)
    .option("--owner <role>", "role that the new database belongs to; default: the one in the dump")
    .option(
      "--as-superuser",
      "run what the dump brings along as the superuser (in the cloud: the administrator), with its owners and event triggers: only for a dump that you trust",
    );
  command.action((name: string, words: DumpWords) => runAnyVerb(command, (given) => restore(given, name, words)));
}
