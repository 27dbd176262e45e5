import { guardSchema } from "../../../contracts/guard";
import { oneLine } from "../../../lib/text/printable";
import { defineCommand } from "../../kit/command";
import { readSettings } from "../../kit/input";
import { option, required } from "../../kit/options";

/** What processes and servers call themselves is part of it: no character of theirs starts a line. */
const log = (text: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${oneLine(text)}\n`);
};

export const guard = defineCommand({
  name: "guard",
  group: "internal",
  summary: "Watch local servers, and kill processes that hang or block all logins; a service of the stack",
  on: "options",
  options: { config: required(option("<file>", "settings of the guard")) },
  run: async ({ context }, { config }) => {
    const { guardServers } = await import("../../guard/guard.js");
    await guardServers(await readSettings(config, guardSchema, "the guard's"), log, context.signal);
    return { data: {}, text: "stopped" };
  },
});
