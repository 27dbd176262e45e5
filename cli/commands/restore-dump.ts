import { formatBytes } from "../../lib/text/format";
import { defineCommand } from "../kit/command";
import { userPath } from "../kit/input";
import { argument, flag, option, required } from "../kit/options";

export const restoreDump = defineCommand({
  name: "restore-dump",
  group: "backups",
  summary: "Restore a logical backup into a new database of the cluster",
  on: ["cluster", "database"],
  arguments: { name: required(argument("name of the dump, see `howdah backups`")) },
  options: {
    database: required(option("<name>", "name of the new database; it must not exist yet")),
    identity: option("<file>", "age identity to decrypt it with; default: the stack's own", userPath),
    owner: option("<role>", "owner of the new database; default: the owner in the dump"),
    asSuperuser: flag(
      "restore as the superuser (in the cloud: the administrator), with the dump's owners and event triggers; only for a dump that you trust, as its code runs with those rights",
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
