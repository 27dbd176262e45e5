import type { Command } from "commander";
import { formatSpan } from "../../lib/format";
import type { StackFile } from "../../contracts/stack-file";
import { type DatabaseMaintenance, maintain } from "../maintenance/maintain";
import { exitCodes } from "../kit/refusal";
import { type Answer, runAnyVerb, type Surroundings } from "../kit/run-verb";
import { tableOf } from "../../lib/table";
import { tell } from "../kit/tell";
import { parseDuration } from "../kit/words";

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

async function run({ job, context }: Surroundings<StackFile>, words: MaintainWords): Promise<Answer> {
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
    .option(
      "--for <duration>",
      "what is not done by then waits for the next run; default: 1 hour",
      parseDuration,
      3_600_000,
    )
    .option("--dry-run", "say what would be done, and do nothing");
  command.action((words: MaintainWords) => runAnyVerb(command, (given) => run(given, words)));
}
