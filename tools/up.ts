import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure, runScript } from "./failure";
import { readText } from "./files";
import { createVoice, type Voice } from "./say";
import { chosenStack } from "./stack/environment";
import { describeSummary, hasBegun, readSummary } from "./stack/events";
import { isManaged } from "./stack/managed";
import { checked, runInSession } from "./stack/run";
import { openSession } from "./stack/session";
import { printStatus } from "./status";

/**
 * Host resources look at the machine themselves in every `up`. Refreshing all resources first would ask SQL of servers that
 * this very `up` has to start again, after a reboot for one.
 */
const upArguments = ["--yes", "--skip-preview", "--suppress-outputs"];

/** What to do after a run that failed, by its event log. */
const adviceAfter = (log: string, source: string): string =>
  hasBegun(log)
    ? "`make up` did not finish. What is there stays; run it again and it goes on from here."
    : `\`make up\` changed nothing. Mend what is said above (the config is ${source}), then run it again.`;

async function up(stack: string, voice: Voice): Promise<number> {
  await checked(stack);
  const session = await openSession(stack, voice, false);
  if (!isManaged(session))
    throw new Failure(
      `\`make up\` is for stacks on this machine. For "${stack}": npm run pulumi -- up --stack ${stack}`,
    );
  const folder = mkdtempSync(join(tmpdir(), "howdah-up-"));
  try {
    const log = join(folder, "events.json");
    // The event log is one of the engine's flags for tools, off unless asked for.
    const environment = { ...session.environment, PULUMI_DEBUG_COMMANDS: "true" };
    const args = ["up", "--stack", stack, ...upArguments, "--event-log", log];
    const code = await runInSession({ ...session, environment }, args);
    if (code !== 0) {
      voice.note(adviceAfter(readText(log) ?? "", session.source));
      return code;
    }
    const summary = readSummary(readText(log) ?? "");
    const healthy = await printStatus(session);
    if (summary !== undefined) process.stdout.write(`${describeSummary(summary)}\n`);
    if (!healthy) voice.note("not every node is healthy yet: `make status` shows how it goes on");
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

runScript(() => up(chosenStack(process.env["STACK"], process.env), createVoice()));
