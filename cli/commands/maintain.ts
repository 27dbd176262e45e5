import type { Command } from "commander";
import { formatSpan, tableOf } from "../../lib/format";
import type { AnyJob } from "../kit/find-stack";
import { type DatabaseMaintenance, maintain } from "../maintenance/maintain";
import { exitCodes } from "../kit/exit-codes";
import { type Answer, runAnyVerb, type Surroundings } from "../kit/run-verb";
import { tell } from "../kit/tell";
import { parseDuration } from "../kit/words";
import { hour } from "../../lib/units";

interface MaintainWords {
  readonly reindex?: boolean;
  /** Milliseconds. */
  readonly for: number;
  readonly dryRun?: boolean;
}

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

async function run({ job, context }: Surroundings<AnyJob>, words: MaintainWords): Promise<Answer> {
  const { reindex = false, dryRun = false } = words;
  const databases = await maintain(job, { reindex, dryRun, limit: words.for }, context);
  const failed = databases.flatMap(({ tasks }) =>
    tasks.flatMap((task) => ("outcome" in task && task.outcome === "failed" ? [task] : [])),
  );
  const complete = databases.every(({ tasks }) => tasks.every((task) => "outcome" in task && task.outcome === "done"));
  if (failed.length > 0) {
    const detail = failed.map(({ name, detail = "" }) => `${name}: ${detail}`).join("; ");
    await tell(job, { what: "maintenance", outcome: "failed", detail }, context);
  }
  const rows = databases.flatMap(rowsOf);
  return {
    data: { dryRun, complete, databases },
    text: rows.length === 0 ? "nothing is due" : tableOf(["database", "what", "why", "outcome"], rows),
    code: failed.length > 0 ? exitCodes.failed : exitCodes.ok,
  };
}

/** `howdah maintain`. */
export function registerMaintain(program: Command): void {
  const command = program
    .command("maintain")
    .description(
      "Vacuum and analyze the tables that need it, or rebuild invalid and bloated indexes, without locking anybody out",
    )
    .option("--reindex", "rebuild indexes (REINDEX CONCURRENTLY) in place of vacuuming")
    .option("--for <duration>", "what is not done by then waits for the next run; default: 1 hour", parseDuration, hour)
    .option("--dry-run", "say what would be done, and do nothing");
  command.action((words: MaintainWords) => runAnyVerb(command, (given) => run(given, words)));
}
