import { tableOf } from "../../lib/text/format";
import { exitCodes } from "../kit/answer";
import { defineCommand } from "../kit/command";

export const health = defineCommand({
  name: "health",
  group: "cluster",
  summary: "Check every part of the stack",
  description: "Check every part of the stack; `howdah status` does the same, and also tries the applications' logins",
  on: ["cluster"],
  codes: { failed: "a part does not work, or could not be checked" },
  // The sockets of what did not answer would keep us.
  endsAtOnce: true,
  run: async ({ job, jobFile }) => {
    const { checkAll } = await import("../checks/looks.js");
    const findings = await checkAll(job, jobFile);
    const rows = findings.map(({ what, good, detail }) => [what, good ? "good" : "BAD", detail]);
    const isGood = findings.every(({ good }) => good);
    return { data: findings, text: tableOf(["check", "", ""], rows), code: isGood ? exitCodes.ok : exitCodes.failed };
  },
});
