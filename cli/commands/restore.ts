import { userInfo } from "node:os";
import { InvalidArgumentError, type Command } from "commander";
import { Refusal } from "../../lib/errors";
import { oneLine } from "../../lib/printable";
import { confirm } from "../kit/confirm";
import { formatSpan } from "../../lib/format";
import { writeMetrics } from "../metrics/textfile";
import { readCatalog } from "../pgbackrest/sets";
import { archiveNewest, checkWritten } from "../restore/plan/archive-newest";
import { describeInPlace, restoreInPlace } from "../restore/in-place/in-place";
import { checkNewFolder, restoreIntoNewServer } from "../restore/server/new-server";
import { checkTimeline, describePlan, planRestore, type RestorePlan } from "../restore/plan/plan";
import { foreignSource, ownSource, type Source } from "../restore/plan/source";
import { performSwitch, switchApart } from "../restore/in-place/switch";
import { unfinishedSwitch } from "../restore/in-place/switch-intent";
import { type TargetWords, targetOf } from "../restore/plan/target";
import { awaitPrimary } from "../session/primary";
import { type Answer, runVerb, type Surroundings } from "../kit/run-verb";
import { userPath } from "../kit/user-path";
import { withWorkFolder } from "../session/work-folder";

interface RestoreWords extends TargetWords {
  readonly into?: string;
  readonly port?: number;
  readonly inPlace?: boolean;
  readonly set?: string;
  readonly timeline?: string;
  readonly repository?: string;
  readonly keyFile?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const sourceOf = ({ job }: Surroundings, { repository, keyFile }: RestoreWords, folder: string): Promise<Source> => {
  if (repository === undefined && keyFile === undefined) return Promise.resolve(ownSource(job));
  if (repository === undefined || keyFile === undefined)
    throw new Refusal("--repository and --key-file go together: another stack's repository, and its passphrase");
  return foreignSource(job, { repository, keyFile }, folder);
};

async function newServer(
  given: Surroundings,
  ready: { source: Source; plan: RestorePlan; words: RestoreWords },
): Promise<Answer> {
  const { job, context } = given;
  const { source, plan, words } = ready;
  const directory = words.into ?? "";
  await checkNewFolder(directory);
  const steps = [...describePlan(plan), `a server of its own in ${directory}; the one that serves is left alone`];
  if (words.dryRun === true) return { data: { plan, steps }, text: `Would restore:\n- ${steps.join("\n- ")}` };
  for (const note of plan.notes) context.note(`mind that ${note}`);
  const port = words.port === undefined ? {} : { port: words.port };
  const made = await restoreIntoNewServer(job, { source, plan, directory, ...port }, context);
  const text = [
    `Restored ${plan.chosen.label} into ${made.directory}; it listens on 127.0.0.1:${made.port}, with the logins of then.`,
    `To look inside, as the user ${userInfo().username}:  psql -h ${made.socketDirectory} -p ${made.port} -U postgres`,
    `To stop it:  ${made.stop}`,
  ];
  return { data: { set: plan.chosen.label, ...made }, text: text.join("\n") };
}

async function inPlace(
  given: Surroundings,
  ready: { source: Source; plan: RestorePlan; words: RestoreWords },
): Promise<Answer> {
  const { job, jobFile, context } = given;
  const { source, plan, words } = ready;
  const safety = (await awaitPrimary(job, context)) !== undefined;
  if (source.foreign && !safety)
    throw new Refusal(
      "no server of the cluster is the primary: of another cluster's roles, those that this one has say who may log in. Start it first; see `make status`",
    );
  const steps = [...describePlan(plan), ...describeInPlace(job, safety, source)];
  if (words.dryRun === true) return { data: { plan, steps }, text: `Would restore in place:\n- ${steps.join("\n- ")}` };
  for (const step of steps) context.note(step);
  await confirm(job.stack, `This replaces the data of stack "${job.stack}".`, words.yes === true);
  const done = await restoreInPlace(job, { source, plan, jobFile, needsSafety: safety }, context);
  await writeMetrics(job);
  const text = [
    `Restored ${plan.chosen.label} in place; nobody could write for ${formatSpan(done.downSeconds * 1000)}.`,
    ...(done.safety === undefined ? [] : [`What was there before is in ${done.safety}.`]),
    `The first backup of what is there now is ${done.fresh}.`,
    "Roles, databases and grants that came later than the backup: `npm run pulumi -- up --refresh` brings them back.",
  ];
  return { data: { set: plan.chosen.label, ...done }, text: text.join("\n") };
}

async function restore(given: Surroundings, words: RestoreWords): Promise<Answer> {
  if ((words.into === undefined) === (words.inPlace !== true))
    throw new Refusal("say where to: --into <folder> for a new server, or --in-place for the cluster itself");
  const target = targetOf(words);
  if (words.timeline !== undefined) checkTimeline(words.timeline);
  if (words.repository === undefined && words.timeline === undefined) await checkWritten(given.job, target);
  const interrupted = await unfinishedSwitch(given.job);
  if (interrupted?.left === "files" && words.inPlace === true) {
    given.context.note("an earlier restore in place was cut short: completing it first");
    await switchApart(given.job, given.jobFile, given.context.note);
  }
  return withWorkFolder(given.job, "source", async (folder) => {
    const source = await sourceOf(given, words, folder);
    if (!source.foreign && words.dryRun !== true) await archiveNewest(given.job, given.context);
    const request = {
      target,
      ...(words.set === undefined ? {} : { set: words.set }),
      ...(words.timeline === undefined ? {} : { timeline: words.timeline }),
    };
    const plan = await planRestore(source, await readCatalog(source), request);
    return (words.inPlace === true ? inPlace : newServer)(given, { source, plan, words });
  });
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1024 || value > 65_535)
    throw new InvalidArgumentError("a port from 1024 to 65535");
  return value;
}

/** `howdah restore`, and the hidden verb that completes one in place. */
export function registerRestore(program: Command): void {
  const command = program
    .command("restore")
    .description("Restore a physical backup: into a new server beside the one that serves, or in place")
    .option("--to-time <time>", 'to a moment, such as "2026-11-25 14:30:00 UTC"')
    .option("--to-name <name>", "to a restore point (pg_create_restore_point)")
    .option("--to-lsn <lsn>", "to a place in the WAL, such as 0/3000028")
    .option("--immediate", "only to the end of the backup")
    .option("--into <folder>", "a new server in this folder", userPath)
    .option("--port <port>", "port of the new server on 127.0.0.1; default: a free one", port)
    .option("--in-place", "replace the data of the cluster; asks first")
    .option("--set <label>", "this backup; default: the newest that reaches the target")
    .option("--timeline <timeline>", "follow this timeline, or `current` for the backup's own; default: the newest")
    .option("--repository <folder>", "another stack's repository", userPath)
    .option("--key-file <file>", "file with the passphrase of that repository", userPath)
    .option("--dry-run", "say what would happen, and do nothing")
    .option("--yes", "do not ask");
  command.action((words: RestoreWords) => runVerb(command, (given) => restore(given, words)));
  const complete = program.command("complete-switch", { hidden: true });
  complete.action(() =>
    runVerb(complete, async ({ job, context }) => {
      const note = (text: string): void => void process.stdout.write(`${oneLine(text)}\n`);
      await performSwitch(job, { ...context, note, progress: () => undefined });
      return { data: {}, text: "the restored cluster is complete" };
    }),
  );
}
