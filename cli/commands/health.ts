import type { Command } from "commander";
import { tableOf } from "../../lib/format";
import { lookAround } from "../checks/looks";
import { exitCodes } from "../kit/exit-codes";
import { runVerb } from "../kit/run-verb";

/** `howdah health`. */
export function registerHealth(program: Command): void {
  const command = program
    .command("health")
    .description(
      "Ask every part of the stack whether it works; `make status` does this, and tries the applications' logins",
    );
  command.action(async () => {
    await runVerb(command, async ({ job, jobFile }) => {
      const findings = await lookAround(job, jobFile);
      const rows = findings.map(({ what, good, detail }) => [what, good ? "good" : "BAD", detail]);
      const bad = findings.some(({ good }) => !good);
      return { data: findings, text: tableOf(["check", "", ""], rows), code: bad ? exitCodes.failed : exitCodes.ok };
    });
    // What did not answer is not waited for: its sockets would keep us.
    process.exit();
  });
}
