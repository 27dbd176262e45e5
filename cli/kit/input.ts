import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { InvalidArgumentError } from "commander";
import { z } from "zod";
import { messageOf, Refusal } from "../../lib/errors";
import { duration, toMilliseconds } from "../../lib/values";

/** Milliseconds of a duration on the command line, such as "2 hours". @throws InvalidArgumentError if the text is invalid */
export function parseDuration(text: string): number {
  const { data, error } = duration().safeParse(text);
  if (error !== undefined) throw new InvalidArgumentError(error.issues[0]?.message ?? "no duration");
  return toMilliseconds(data);
}

/** A reader of ports. @param lowest that is allowed; below 1024 only root may listen */
export const parsePort =
  (lowest: number) =>
  (text: string): number => {
    const port = Number(text);
    if (!Number.isInteger(port) || port < lowest || port > 65_535)
      throw new InvalidArgumentError(`a port from ${lowest} to 65535`);
    return port;
  };

/** A path as the user meant it: the service user, who does the work, stands in another folder. */
export const userPath = (text: string): string => resolve(process.env["HOWDAH_CWD"] ?? process.cwd(), text);

/** Reads a JSON file of settings. @param whose for messages, such as "the guard's" @throws Refusal if it is not one */
export async function readSettings<T>(file: string, schema: z.ZodType<T>, whose: string): Promise<T> {
  const read = async (): Promise<unknown> => JSON.parse(await readFile(file, "utf8"));
  const content = await read().catch((error: unknown) => {
    throw new Refusal(`${whose} settings cannot be read: ${messageOf(error)}`);
  });
  const { data, error } = schema.safeParse(content);
  if (error !== undefined) throw new Refusal(`${file}:\n${z.prettifyError(error)}`);
  return data;
}

/** A question that only the stack's name answers. */
export interface Question {
  readonly stack: string;
  /** What is about to happen, as a sentence. */
  readonly what: string;
  /** How to say yes beforehand; default `--yes`. */
  readonly consent?: string;
}

/** Asks before something is lost. @throws Refusal without a terminal, or after another answer */
export async function confirm({ stack, what, consent = "--yes" }: Question): Promise<void> {
  if (!process.stdin.isTTY) throw new Refusal(`${what} Nothing was done: to confirm, add ${consent}`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${what} Type the stack's name, ${stack}, to continue: `);
  terminal.close();
  if (answer.trim() !== stack) throw new Refusal("nothing was done");
}
