import { createInterface } from "node:readline/promises";
import { Refusal } from "../../lib/errors";

/** Asks for the stack's name, unless `yes`. Throws a `Refusal` without a terminal, or with another answer. */
export async function confirm(stack: string, what: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new Refusal(`${what} Nothing was done: say so with --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${what} Type the stack's name, ${stack}, to go on: `);
  terminal.close();
  if (answer.trim() !== stack) throw new Refusal("nothing was done");
}
