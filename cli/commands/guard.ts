import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { type GuardSettings, guardSchema } from "../../contracts/guard";
import { messageOf, Refusal } from "../../lib/errors";
import { oneLine } from "../../lib/printable";
import { guardServers } from "../guard/guard";
import { runPlainVerb } from "../kit/run-verb";

async function readSettings(file: string): Promise<GuardSettings> {
  const read = async (): Promise<unknown> => JSON.parse(await readFile(file, "utf8"));
  const content = await read().catch((error: unknown) => {
    throw new Refusal(`the guard's settings cannot be read: ${messageOf(error)}`);
  });
  const { data, error } = guardSchema.safeParse(content);
  if (error !== undefined) throw new Refusal(`${file}:\n${z.prettifyError(error)}`);
  return data;
}

/** What processes and servers call themselves is part of it: no character of theirs starts a line. */
const say = (text: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${oneLine(text)}\n`);
};

/** `howdah guard`. */
export function registerGuard(program: Command): void {
  const command = program
    .command("guard", { hidden: true })
    .description("Watch servers of this machine, and end what hangs or keeps everybody out; a service of the stack")
    .requiredOption("--config <file>", "settings of the guard");
  command.action(({ config }: { config: string }) =>
    runPlainVerb(command, async ({ signal }) => {
      await guardServers(await readSettings(config), say, signal);
      return { data: {}, text: "stopped" };
    }),
  );
}
