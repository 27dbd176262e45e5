import { createVoice } from "../../lib/reporter";
import { defineCommand } from "../kit/command";
import { rest } from "../kit/options";

export const pulumi = defineCommand({
  name: "pulumi",
  group: "stack",
  summary: "Run the Pulumi engine, with the stack's backend, passphrase and config",
  description:
    "Run any command of the Pulumi engine, with the stack's backend, passphrase and config. Comes first on the command line; all words after it are the engine's, as in `howdah pulumi preview --stack NAME`, and so is the exit code",
  on: "checkout",
  arguments: { words: rest("command line of the engine") },
  run: async (_scope, { words }) => {
    const { runEngine } = await import("../engine/run.js");
    return runEngine(words, createVoice());
  },
});
