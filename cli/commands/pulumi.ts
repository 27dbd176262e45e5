import { createReporter } from "../../lib/reporter";
import { defineCommand } from "../kit/command";
import { rest } from "../kit/options";

export const pulumi = defineCommand({
  name: "pulumi",
  group: "stack",
  summary: "Run the Pulumi engine, with the stack's backend, passphrase and config",
  description:
    "Run any command of the Pulumi engine, with the stack's backend, passphrase and config. It must come first on the command line; all arguments after it go to the engine, as in `howdah pulumi preview --stack NAME`, and the exit code is the engine's",
  on: "checkout",
  arguments: { args: rest("command line of the engine") },
  run: async (_scope, { args }) => {
    const { runEngine } = await import("../engine/run.js");
    return runEngine(args, createReporter());
  },
});
