import { exitCodes } from "../kit/answer";
import { defineCommand } from "../kit/command";

export const status = defineCommand({
  name: "status",
  group: "stack",
  summary: "Show endpoints, nodes and checks",
  description:
    "Show endpoints, nodes and checks of a local stack: logs in as each application on both routes, and checks every part",
  on: "checkout",
  codes: { failed: "a node is unhealthy, a check failed, or the state is unknown" },
  run: async (scope) => {
    const { statusOf } = await import("../stack/status.js");
    const { text, ...seen } = await statusOf(scope);
    return { data: seen, text, isPainted: true, code: seen.good ? exitCodes.ok : exitCodes.failed };
  },
});
