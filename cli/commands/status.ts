import { exitCodes } from "../kit/answer";
import { defineCommand } from "../kit/command";

export const status = defineCommand({
  name: "status",
  group: "stack",
  summary: "Show endpoints, nodes and checks",
  description:
    "Show endpoints, nodes and checks of a stack of this machine: logs in as each application on both routes, and asks every part",
  on: "checkout",
  codes: { failed: "a node is not healthy or a check is not good, or it could not be found out" },
  run: async (scope) => {
    const { statusOf } = await import("../stack/status.js");
    const { text, ...seen } = await statusOf(scope);
    return { data: seen, text, isPainted: true, code: seen.good ? exitCodes.ok : exitCodes.failed };
  },
});
