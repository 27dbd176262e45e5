import { oneLine } from "../../../lib/text/printable";
import { defineCommand } from "../../kit/command";

export const completeSwitch = defineCommand({
  name: "complete-switch",
  group: "internal",
  summary: "Complete a restore in place; `howdah restore` starts it",
  on: ["cluster"],
  run: async ({ job, context }) => {
    const { performSwitch } = await import("../../restore/in-place/switch.js");
    const note = (text: string): void => void process.stdout.write(`${oneLine(text)}\n`);
    await performSwitch(job, { ...context, note, progress: () => undefined });
    return { data: {}, text: "the restored cluster is complete" };
  },
});
