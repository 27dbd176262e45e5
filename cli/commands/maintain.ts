import { formatSpan, tableOf } from "../../lib/text/format";
import { hour } from "../../lib/units";
import { exitCodes } from "../kit/answer";
import { defineCommand } from "../kit/command";
import { parseDuration } from "../kit/input";
import { flag, option, withDefault } from "../kit/options";
import type { DatabaseMaintenance } from "../maintenance/maintain";

function rowsOf({ database, tasks, skipped }: DatabaseMaintenance): string[][] {
  return [
    ...tasks.map((task) => [
      database,
      task.statement,
      task.reason,
      "outcome" in task
        ? [task.outcome, task.detail ?? (task.outcome === "done" ? formatSpan(task.seconds * 1000) : "")]
            .join(" ")
            .trim()
        : "would be done",
    ]),
    ...skipped.map(({ name, reason }) => [database, name, reason, "left alone"]),
  ];
}

export const maintain = defineCommand({
  name: "maintain",
  group: "database",
  summary: "Vacuum and analyze tables, or rebuild indexes, without blocking clients",
  description:
    "Vacuum and analyze the tables that need it, or rebuild invalid and bloated indexes, without blocking clients",
  on: ["cluster", "database"],
  options: {
    reindex: flag("rebuild indexes (REINDEX CONCURRENTLY) instead of vacuuming"),
    for: withDefault(option("<duration>", "time limit; the next run does the rest", parseDuration), hour, "1 hour"),
    dryRun: flag("only show what would be done"),
  },
  codes: { failed: "a task or the run itself failed" },
  run: async ({ job, context }, { reindex, dryRun, for: limit }) => {
    const { runMaintenance } = await import("../maintenance/run.js");
    const { databases, complete, failed } = await runMaintenance(job, { reindex, dryRun, limit }, context);
    const rows = databases.flatMap(rowsOf);
    return {
      data: { dryRun, complete, databases },
      text: rows.length === 0 ? "nothing to do" : tableOf(["database", "what", "why", "outcome"], rows),
      code: failed.length > 0 ? exitCodes.failed : exitCodes.ok,
    };
  },
});
