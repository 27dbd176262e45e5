import type { StackFile } from "../../contracts/stack-file";
import { Failure, messageOf, Refusal } from "../../lib/errors";
import { printable, printableJson } from "../../lib/text/printable";
import { createReporter } from "../../lib/reporter";
import { chosenStack } from "../engine/environment";
import { type Answer, type Context, exitCodes } from "./answer";
import { runAsOwner } from "./as-owner";
import type { CheckoutScope, FileScope, On, OptionsScope, Verb } from "./command";
import { findJob, isInstalled, isRemoteJob, parseJob } from "./find-stack";

/** Options of every verb. */
export interface GlobalOptions {
  readonly stack?: string;
  readonly jobFile?: string;
  readonly json?: boolean;
}

const codeOf = (error: unknown): number => (error instanceof Refusal ? exitCodes.refused : exitCodes.failed);

/** Text of an error: of one that is a fault of ours, with its stack. */
const textOf = (error: unknown): string =>
  error instanceof Failure || !(error instanceof Error)
    ? messageOf(error)
    : process.env["HOWDAH_DEBUG"] === "1"
      ? (error.stack ?? error.message)
      : error.message;

const documentOf = (data: unknown): string => printableJson(JSON.stringify(data, undefined, 2));

function contextOf(signal: AbortSignal): Context {
  const reporter = createReporter();
  return {
    signal,
    progress: (text) => {
      reporter.progress(text);
    },
    note: (text) => {
      reporter.note(text);
    },
  };
}

function print(answer: Answer, json: boolean): void {
  const { data, text, isPainted = false, remark } = answer;
  if (json) process.stdout.write(`${documentOf(data)}\n`);
  else if (text !== "") process.stdout.write(`${isPainted ? text : printable(text)}\n`);
  if (remark !== undefined) createReporter().note(remark);
}

function printError(reason: unknown, json: boolean): void {
  if (json) process.stdout.write(`${printableJson(JSON.stringify({ error: textOf(reason) }))}\n`);
  // On a terminal a line that says how far we are may be standing there.
  const start = process.stderr.isTTY ? "\n" : "";
  process.stderr.write(`${start}howdah: ${printable(textOf(reason))}\n`);
}

/** Runs `body`, prints its answer and sets the exit code. */
async function perform(json: boolean, body: () => Promise<Answer | number>): Promise<void> {
  try {
    const answer = await body();
    if (typeof answer !== "number") print(answer, json);
    process.exitCode = typeof answer === "number" ? answer : (answer.code ?? exitCodes.ok);
  } catch (error) {
    printError(error, json);
    process.exitCode = codeOf(error);
  }
}

/** The same for a body that Ctrl-C and SIGTERM abort. */
async function performAbortably(json: boolean, body: (context: Context) => Promise<Answer | number>): Promise<void> {
  const abort = new AbortController();
  const end = (): void => {
    abort.abort(new Failure("interrupted; unfinished work was undone"));
  };
  process.once("SIGINT", end).once("SIGTERM", end);
  await perform(json, async () => {
    try {
      return await body(contextOf(abort.signal));
    } catch (error) {
      if (!abort.signal.aborted) throw error;
      printError(abort.signal.reason, json);
      return exitCodes.interrupted;
    }
  });
  process.removeListener("SIGINT", end).removeListener("SIGTERM", end);
}

/** The job, if the verb is for its kind. @throws Refusal if not */
function jobFor({ name }: Verb, kinds: Exclude<On, string>, job: StackFile): StackFile {
  if (kinds.includes(isRemoteJob(job) ? "database" : "cluster")) return job;
  throw new Refusal(
    isRemoteJob(job)
      ? `\`howdah ${name}\` is for local clusters; for stack "${job.stack}", use the tools of its cloud`
      : `\`howdah ${name}\` is for a cloud's database`,
  );
}

async function onFile(verb: Verb, kinds: Exclude<On, string>, parsed: Parsed & { context: Context }) {
  const reporter = createReporter();
  const found = await findJob(parsed.options, reporter);
  const text = await runAsOwner(found, process.argv.slice(2), reporter);
  if (typeof text === "number") return text;
  const job = jobFor(verb, kinds, parseJob(text, found));
  return start(verb, { job, jobFile: found.file, context: parsed.context }, parsed);
}

/** What the command line says. */
export interface Parsed {
  readonly options: GlobalOptions;
  /** Arguments and options of the verb itself. */
  readonly input: Readonly<Record<string, unknown>>;
}

// `defineCommand` has seen to it that scope and input are those of the verb.
const start = (verb: Verb, scope: FileScope<StackFile> | CheckoutScope | OptionsScope, { input }: Parsed) =>
  verb.run(scope as never, input as never);

function inCheckout(verb: Verb, parsed: Parsed): Promise<Answer | number> {
  const { stack, jobFile, json = false } = parsed.options;
  if (isInstalled)
    throw new Refusal(
      `\`howdah ${verb.name}\` needs the sources and the engine: run it in the checkout that the stack was created from`,
    );
  if (jobFile !== undefined)
    throw new Refusal(`\`howdah ${verb.name}\` works on the stack itself: name it with --stack instead of a job file`);
  return start(verb, { stack: chosenStack(stack, process.env), reporter: createReporter(), json }, parsed);
}

/** Runs a verb, prints its answer, and sets the exit code of this process. */
export async function runVerb(verb: Verb, parsed: Parsed): Promise<void> {
  const { on } = verb;
  const { json = false } = parsed.options;
  if (on === "checkout") await perform(json, async () => inCheckout(verb, parsed));
  else
    await performAbortably(json, (context) =>
      on === "options" ? start(verb, { context }, parsed) : onFile(verb, on, { ...parsed, context }),
    );
  if (verb.endsAtOnce === true) process.exit();
}
