import type { StdioOptions } from "node:child_process";
import { Failure } from "../../lib/errors";
import { readText } from "../../lib/files";
import { checkout } from "../../lib/paths";
import { attach } from "../../lib/process/attended";
import type { Reporter } from "../../lib/reporter";
import { managedArguments, needsConfig, readInvocation, readsOwnConfig, takesLock } from "./arguments";
import { chosenStack } from "./environment";
import { effectiveFile, ensureStack, isManaged, knownSalt, releaseAbandoned, syncConfig } from "./managed";
import type { ManagedSession } from "./managed";
import { opensSalt } from "./passphrase";
import { locateStack, openSession, type Session } from "./session";

/** Checks the config of a stack before anything else is done. @throws Failure listing every problem */
export async function checked(stack: string): Promise<void> {
  const location = locateStack(stack);
  // Loaded only if it is needed: other commands are to start fast.
  const { checkConfig } = await import("./check-config.js");
  checkConfig(location);
}

/** Runs the engine with a user's arguments on the user's terminal; gives its exit code. */
export async function runEngine(args: readonly string[], reporter: Reporter): Promise<number> {
  const invocation = readInvocation(args);
  const stack = chosenStack(invocation.stack, process.env);
  if (readsOwnConfig(invocation)) await checked(stack);
  return runInSession(await openSession(stack, reporter), args);
}

/** Streams of an engine that leaves standard output to a JSON document of ours. */
export const stdoutToStderr: StdioOptions = ["inherit", 2, "inherit"];

/** The same in a session that is open already. */
export async function runInSession(
  session: Session,
  args: readonly string[],
  streams: StdioOptions = "inherit",
): Promise<number> {
  const { engine: program, environment: env } = session;
  if (!isManaged(session)) return attach({ program, args, env, cwd: checkout }, streams);
  const invocation = readInvocation(args);
  const commandLine = invocation.command.join(" ");
  if (commandLine === "stack init") {
    ensureStack(session);
    return 0;
  }
  if (commandLine === "up" || commandLine === "preview") ensureStack(session);
  if (takesLock(invocation)) releaseAbandoned(session);
  const edited = process.env["HOWDAH_CONFIG_FILE"];
  const effective = needsConfig(invocation) ? syncConfig(session) : effectiveFile(session);
  const files = { effective, ...(edited === undefined ? {} : { edited }) };
  const code = await attach({ program, args: managedArguments(args, files), env, cwd: checkout }, streams);
  if (code !== 0) explainPassphrase(session);
  return code;
}

/** After a failure: says what to do when the passphrase is not the stack's. The engine only says "incorrect passphrase". */
function explainPassphrase(session: ManagedSession): void {
  const file = session.environment["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "";
  const fromEnvironment = session.environment["PULUMI_CONFIG_PASSPHRASE"];
  const salt = knownSalt(session);
  const passphrase = fromEnvironment ?? readText(file);
  if (salt === undefined || passphrase === undefined || opensSalt(passphrase, salt)) return;
  const source = fromEnvironment === undefined ? file : "PULUMI_CONFIG_PASSPHRASE";
  throw new Failure(
    `the passphrase in ${source} is not the one that stack "${session.stack}" was created with; nothing was changed.\n` +
      "Restore the old one. There is no other copy: without it, the secrets in the stack's state cannot be decrypted.",
  );
}
