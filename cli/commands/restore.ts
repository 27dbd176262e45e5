import { userInfo } from "node:os";
import { formatSpan } from "../../lib/text/format";
import type { Answer } from "../kit/answer";
import { Refusal } from "../../lib/errors";
import { defineCommand } from "../kit/command";
import { confirm, parsePort, userPath } from "../kit/input";
import { flag, option } from "../kit/options";
import type { Destination, Restored } from "../restore/restore";
import type { Foreign } from "../restore/plan/source";

function foreignOf(repository: string | undefined, keyFile: string | undefined): Foreign | undefined {
  if (repository === undefined && keyFile === undefined) return undefined;
  if (repository === undefined || keyFile === undefined)
    throw new Refusal("--repository and --key-file need each other: another stack's repository, and its passphrase");
  return { repository, keyFile };
}

function answerOf(restored: Restored, destination: Destination): Answer {
  switch (restored.kind) {
    case "plan": {
      const { plan, steps } = restored;
      const what = destination.kind === "new" ? "Would restore" : "Would restore in place";
      return { data: { plan, steps }, text: `${what}:\n- ${steps.join("\n- ")}` };
    }
    case "new": {
      const { set, server } = restored;
      const text = [
        `Restored ${set} into ${server.directory}; it listens on 127.0.0.1:${server.port}, with the backup's logins.`,
        `To connect, as the user ${userInfo().username}:  psql -h ${server.socketDirectory} -p ${server.port} -U postgres`,
        `To stop it:  ${server.stop}`,
      ];
      return { data: { set, ...server }, text: text.join("\n") };
    }
    case "in place": {
      const { set, result } = restored;
      const text = [
        `Restored ${set} in place; writes were down for ${formatSpan(result.downSeconds * 1000)}.`,
        ...(result.safety === undefined ? [] : [`Backup ${result.safety} has the data from before.`]),
        `Backup ${result.fresh} is the first one of the restored cluster.`,
        "To recreate roles, databases and grants that are newer than the backup, run `npm run pulumi -- up --refresh`.",
      ];
      return { data: { set, ...result }, text: text.join("\n") };
    }
  }
}

export const restore = defineCommand({
  name: "restore",
  group: "backups",
  summary: "Restore a physical backup, into a new server or in place",
  description: "Restore a physical backup, into a new server next to the running one, or in place",
  on: ["cluster"],
  options: {
    toTime: option("<time>", 'restore to this time, such as "2026-11-25 14:30:00 UTC"'),
    toName: option("<name>", "restore to this restore point (pg_create_restore_point)"),
    toLsn: option("<lsn>", "restore to this LSN, such as 0/3000028"),
    immediate: flag("restore to the end of the backup only"),
    into: option("<folder>", "restore into a new server in this folder", userPath),
    port: option("<port>", "port of the new server on 127.0.0.1; default: a free one", parsePort(1024)),
    inPlace: flag("replace the cluster's data; asks for confirmation"),
    set: option("<label>", "backup to restore; default: the newest one from which the target can be reached"),
    timeline: option("<timeline>", "timeline to follow, or `current` for the backup's own; default: the newest"),
    repository: option("<folder>", "another stack's repository", userPath),
    keyFile: option("<file>", "file with that repository's passphrase", userPath),
    dryRun: flag("only show what would be done"),
    yes: flag("do not ask for confirmation"),
  },
  run: async (scope, input) => {
    const { into, port, inPlace, repository, keyFile, yes, set, timeline, dryRun } = input;
    if ((into === undefined) !== inPlace)
      throw new Refusal("name the target: --into <folder> for a new server, or --in-place for the cluster itself");
    const agree = async (what: string): Promise<void> => {
      if (!yes) await confirm({ stack: scope.job.stack, what });
    };
    const destination: Destination =
      into === undefined ? { kind: "in place", agree } : { kind: "new", directory: into, port };
    const { restore: work } = await import("../restore/restore.js");
    const { targetOf } = await import("../restore/plan/target.js");
    const target = targetOf(input);
    const foreign = foreignOf(repository, keyFile);
    return answerOf(await work(scope, { target, destination, set, timeline, foreign, dryRun }), destination);
  },
});
