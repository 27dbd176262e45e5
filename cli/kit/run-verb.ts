import type { Command } from "commander";
import { Failure, messageOf } from "../../lib/errors";
import { printable, printableJson } from "../../lib/printable";
import { createVoice } from "../../lib/reporter";
import type { LocalStackFile, RemoteStackFile, StackFile } from "../../contracts/stack-file";
import { asOwner } from "./as-owner";
import type { Context } from "./context";
import { findJob, isRemoteJob, parseJob } from "./find-stack";
import { exitCodes, Refusal } from "./refusal";

/** What a verb gives back. */
export interface Answer {
  /** For `--json`. */
  readonly data: unknown;
  /** For a reader. */
  readonly text: string;
  /** Default 0. */
  readonly code?: number;
}

export interface Surroundings<J extends StackFile = LocalStackFile> {
  readonly job: J;
  readonly jobFile: string;
  readonly context: Context;
}

interface GlobalOptions {
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

/** An end by Ctrl-C or SIGTERM, as shells count it. */
const interrupted = 130;

function context(signal: AbortSignal): Context {
  const voice = createVoice();
  return {
    signal,
    progress: (text) => {
      voice.progress(text);
    },
    note: (text) => {
      voice.note(text);
    },
  };
}

/** Runs `body`, prints its answer and sets the exit code; a number is the code of a command that has printed its own. */
async function perform(json: boolean, body: (context: Context) => Promise<Answer | number>): Promise<void> {
  const abort = new AbortController();
  const end = (): void => {
    abort.abort(new Failure("interrupted; what was begun is undone"));
  };
  try {
    process.once("SIGINT", end).once("SIGTERM", end);
    const answer = await body(context(abort.signal));
    if (typeof answer !== "number")
      process.stdout.write(json ? `${documentOf(answer.data)}\n` : `${printable(answer.text)}\n`);
    process.exitCode = typeof answer === "number" ? answer : (answer.code ?? exitCodes.ok);
  } catch (error) {
    const reason: unknown = abort.signal.aborted ? abort.signal.reason : error;
    if (json) process.stdout.write(`${printableJson(JSON.stringify({ error: textOf(reason) }))}\n`);
    process.stderr.write(`\nhowdah: ${printable(textOf(reason))}\n`);
    process.exitCode = abort.signal.aborted ? interrupted : codeOf(error);
  } finally {
    process.removeListener("SIGINT", end).removeListener("SIGTERM", end);
  }
}

/** Runs a verb that needs no job. `command` is the verb's own. */
export const runPlainVerb = (command: Command, body: (context: Context) => Promise<Answer>): Promise<void> =>
  perform(command.optsWithGlobals<GlobalOptions>().json === true, body);

/** Runs a verb for a job of either kind; root's work is done by the owner of the job's file. */
export function runAnyVerb(command: Command, body: (given: Surroundings<StackFile>) => Promise<Answer>): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  return perform(options.json === true, async (context) => {
    const voice = createVoice();
    const place = await findJob(options, voice);
    const text = await asOwner(place, process.argv.slice(2), voice);
    return typeof text === "number" ? text : body({ job: parseJob(text, place), jobFile: place.file, context });
  });
}

/** Runs a verb for a cluster of this machine, and refuses for a cloud's database. */
export const runVerb = (command: Command, body: (given: Surroundings) => Promise<Answer>): Promise<void> =>
  runAnyVerb(command, async ({ job, ...given }) => {
    if (isRemoteJob(job))
      throw new Refusal(
        `\`howdah ${command.name()}\` is for a cluster of this machine; the service of stack "${job.stack}" has its own means for that`,
      );
    return body({ job, ...given });
  });

/** Runs a verb for a cloud's database, and refuses for a cluster of this machine. */
export const runRemoteVerb = (
  command: Command,
  body: (given: Surroundings<RemoteStackFile>) => Promise<Answer>,
): Promise<void> =>
  runAnyVerb(command, async ({ job, ...given }) => {
    if (!isRemoteJob(job)) throw new Refusal(`\`howdah ${command.name()}\` is for a cloud's database`);
    return body({ job, ...given });
  });
