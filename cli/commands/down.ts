import { defineCommand } from "../kit/command";
import { confirm } from "../kit/input";
import { flag } from "../kit/options";

export const down = defineCommand({
  name: "down",
  group: "stack",
  summary: "Delete the stack with its data and backups; asks for confirmation",
  description: "Delete a local stack with all its data and backups; asks for the stack's name to confirm",
  on: "checkout",
  options: { yes: flag("do not ask for confirmation (with make: YES=1)") },
  run: async (scope, { yes }) => {
    const { stack } = scope;
    const { down: work } = await import("../stack/down.js");
    const what = `This deletes stack "${stack}" with all its data and backups.`;
    const result = await work(scope, async () => {
      if (!yes) await confirm({ stack, what, consent: "--yes (with make: YES=1)" });
    });
    if (result.deleted) return { data: result, text: `stack "${stack}" is gone: no process, file or port is left` };
    return { data: result, text: "", remark: result.reason };
  },
});
