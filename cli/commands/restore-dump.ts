import { formatBytes } from "../../lib/text/format";
import { defineCommand } from "../kit/command";
import { userPath } from "../kit/input";
import { argument, flag, option, required } from "../kit/options";

export const restoreDump = defineCommand({
  name: "restore-dump",
  group: "backups",
  summary: "Restore a logical backup into a new database of the cluster",
  on: ["cluster", "database"],
  arguments: { name: required(argument("name of the backup, see `howdah backups`")) },
  options: {
    database: required(option("<name>", "a database that does not exist yet")),
    identity: option("<file>", "age identity that opens it; default: the stack's own", userPath),
    owner: option("<role>", "role that the new database belongs to; default: the one in the dump"),
    asSuperuser: flag(
      "run what the dump brings along as the superuser (in the cloud: the administrator), with its owners and event triggers: only for a dump that you trust",
    ),
  },
  run: async ({ job, context }, input) => {
    const { restoreIntoCluster } = await import("../dumps/restore/into-cluster.js");
    const { name, database } = input;
    const manifest = await restoreIntoCluster(job, input, context);
    return {
      data: { manifest, database },
      text: `Restored ${name} (${manifest.database}, ${formatBytes(manifest.size)}) as the new database ${database}.`,
    };
  },
});
