import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { type GuardSettings, guardSchema } from "../../components/platforms/local/guard";
import { messageOf } from "../../tools/failure";
import { guardServers } from "../guard/guard";
import { Refusal } from "../refusal";
import { runPlainVerb } from "../run-verb";

async function readSettings(file: string): Promise<GuardSettings> {
  const read = async (): Promise<unknown> => JSON.parse(await readFile(file, "utf8"));
  const content = await read().catch((error: unknown) => {
    throw new Refusal(`the guard's settings cannot be read: ${messageOf(error)}`);
  });
  const { data, error } = guardSchema.safeParse(content);
  if (error !== undefined) throw new Refusal(`${file}:\n${z.prettifyError(error)}`);
  return data;
}

const say = (text: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
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
