import type { Command } from "commander";
import { Failure, messageOf } from "../tools/failure";
import { createVoice } from "../tools/say";
import type { Job } from "../components/backup/job";
import { asOwner } from "./as-owner";
import type { Context } from "./context";
import { findJob } from "./find-job";
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

export interface Surroundings {
  readonly job: Job;
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

/** Runs a verb as the servers' user, prints its answer and sets the exit code. `command` is the verb's own. */
export async function runVerb(command: Command, body: (given: Surroundings) => Promise<Answer>): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const abort = new AbortController();
  const end = (): void => {
    abort.abort(new Failure("interrupted; what was begun is undone"));
  };
  try {
    const found = await findJob(options, createVoice());
    const code = await asOwner(found, process.argv.slice(2));
    if (code !== undefined) {
      process.exitCode = code;
      return;
    }
    process.once("SIGINT", end).once("SIGTERM", end);
    const answer = await body({ job: found.job, jobFile: found.file, context: context(abort.signal) });
    process.stdout.write(options.json === true ? `${JSON.stringify(answer.data, undefined, 2)}\n` : `${answer.text}\n`);
    process.exitCode = answer.code ?? exitCodes.ok;
  } catch (error) {
    const reason: unknown = abort.signal.aborted ? abort.signal.reason : error;
    if (options.json === true) process.stdout.write(`${JSON.stringify({ error: textOf(reason) })}\n`);
    process.stderr.write(`\nhowdah: ${textOf(reason)}\n`);
    process.exitCode = abort.signal.aborted ? interrupted : codeOf(error);
  } finally {
    process.removeListener("SIGINT", end).removeListener("SIGTERM", end);
  }
}
