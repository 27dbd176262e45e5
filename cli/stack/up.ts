import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../lib/errors";
import { readText } from "../../lib/files";
import { waitFor } from "../../lib/retry";
import { hasBegun, readSummary, type Summary } from "../engine/events";
import { managedArguments } from "../engine/arguments";
import { ask, effectiveFile, isManaged, type ManagedSession } from "../engine/managed";
import { stdoutToStderr, checked, runInSession } from "../engine/run";
import { openSession, type Session } from "../engine/session";
import type { CheckoutScope } from "../kit/command";
import { checkStack, type Status } from "./status";

/**
 * Host resources look at the machine themselves in every `up`. Refreshing all resources first would ask SQL of servers that
 * this very `up` has to start again, after a reboot for one.
 */
const upArguments = ["--yes", "--skip-preview", "--suppress-outputs"];

/** What to do after a run that failed, by its event log. */
const adviceAfter = (log: string, source: string): string =>
  hasBegun(log)
    ? "`make up` did not finish. Its work so far is kept; run it again to continue."
    : `\`make up\` changed nothing. Fix the errors above (the config is ${source}), then run it again.`;

/** Seconds for what has just been started, and not only made: after a reboot all of it at once. */
const timeout = 60;

/** Looks at the stack until everything that serves it works, or for a minute. */
async function awaitService(session: Session): Promise<Status> {
  const serving = async (): Promise<Status | undefined> => {
    const status = await checkStack(session);
    if (status.serving) return status;
    session.reporter.progress("waiting until all logins and services work");
    return undefined;
  };
  return (await waitFor(serving, { timeout: timeout * 1000, interval: 1000 })) ?? checkStack(session);
}

/**
 * Takes what was dropped off the record that `host:index:Removals` keeps, while the servers run: after a reboot no server could be
 * asked. If it fails, the next `up` does it.
 */
function forgetDropped(session: ManagedSession): void {
  const target = ["--target", "**::host:index:Removals::removals"];
  const args = ["refresh", "--stack", session.stack, "--yes", "--skip-preview", "--non-interactive", ...target];
  ask(session, managedArguments(args, { effective: effectiveFile(session) }));
}

/** What an `up` has come to. */
export interface UpResult {
  /** The engine's exit code. */
  readonly code: number;
  /** What to do after a run of the engine that failed. */
  readonly advice?: string;
  readonly summary?: Summary;
  /** Absent if the engine failed. */
  readonly status?: Status;
}

/**
 * Creates or changes a stack of this machine, and waits until what serves it works.
 * @throws Failure for a stack of another kind, or with a wrong config
 */
export async function up({ stack, reporter, json }: CheckoutScope): Promise<UpResult> {
  await checked(stack);
  const session = await openSession(stack, reporter, false);
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
    const code = await runInSession({ ...session, environment }, args, json ? stdoutToStderr : "inherit");
    if (code !== 0) return { code, advice: adviceAfter(readText(log) ?? "", session.source) };
    const summary = readSummary(readText(log) ?? "");
    if ((summary?.resourceChanges["delete"] ?? 0) > 0) forgetDropped(session);
    const status = await awaitService(session);
    return { code, status, ...(summary === undefined ? {} : { summary }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
