import type { Command } from "commander";
import type { AnyJob } from "../find-job";
import { formatBytes } from "../format";
import { restoreLogically } from "../logical/restore";
import { Refusal } from "../refusal";
import { type Answer, runAnyVerb, type Surroundings } from "../run-verb";
import { serverOf } from "../sql";
import { userPath } from "../user-path";

interface DumpWords {
  readonly database: string;
  readonly identity?: string;
}

async function restore({ job, context }: Surroundings<AnyJob>, name: string, words: DumpWords): Promise<Answer> {
  const server = await serverOf(job);
  if (server === undefined)
    throw new Refusal("no server of the cluster is the primary: there is nowhere to restore to");
  const identity = words.identity === undefined ? {} : { identityFile: words.identity };
  const manifest = await restoreLogically(job, { name, into: words.database, server, ...identity }, context);
  return {
    data: { manifest, database: words.database },
    text: `Restored ${name} (${manifest.database}, ${formatBytes(manifest.size)}) as the new database ${words.database}.`,
  };
}

/** `howdah restore-dump`. */
export function registerRestoreDump(program: Command): void {
  const command = program
    .command("restore-dump <name>")
    .description("Restore a logical backup into a new database of the cluster")
    .requiredOption("--database <name>", "a database that does not exist yet")
    .option("--identity <file>", "age identity that opens it; default: the stack's own", userPath);
  command.action((name: string, words: DumpWords) => runAnyVerb(command, (given) => restore(given, name, words)));
}
