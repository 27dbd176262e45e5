import { defineCommand } from "../../kit/command";
import { parseDuration, parsePort } from "../../kit/input";
import { option, required, withDefault } from "../../kit/options";

export const drainPooler = defineCommand({
  name: "drain-pooler",
  group: "internal",
  summary: "Wait until a PgBouncer without new clients has none left; runs before its pod stops",
  on: "options",
  options: {
    grace: required(option("<duration>", 'wait no longer than this, such as "300 seconds"', parseDuration)),
    settle: withDefault(
      option("<duration>", "time without clients after which the pooler counts as drained", parseDuration),
      5_000,
      "5 seconds",
    ),
    socketDirectory: withDefault(option("<folder>", "folder of PgBouncer's Unix socket"), "/run/pgbouncer"),
    port: withDefault(option("<port>", "PgBouncer's port", parsePort(1)), 6432),
  },
  run: async ({ context }, { grace, settle, socketDirectory, port }) => {
    const { drain } = await import("../../routing/drain.js");
    const drained = await drain({ socketDirectory, port }, { grace, settle }, context);
    const { outcome, clients, seconds } = drained;
    return { data: drained, text: `${outcome} after ${seconds} s; ${clients} clients are left` };
  },
});
