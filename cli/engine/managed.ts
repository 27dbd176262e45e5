import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "../../lib/errors";
import { makeFolder, readText, writeWhole } from "../../lib/files";
import { checkout } from "../../lib/paths";
import { capture, type Ended } from "../../lib/process/attended";
import { checkpointFile, type Known, shortName } from "./checkpoint";
import { effectiveConfig, saltOf } from "./config-file";
import { isLocal } from "./is-local";
import { abandonedLocks, stackLocks } from "./locks";
import type { Session } from "./session";

/** A session on a file backend of this machine, whose config file we manage. */
export interface ManagedSession extends Session {
  readonly backend: string;
}

/** True for sessions whose config file we manage. */
export const isManaged = (session: Session): session is ManagedSession => session.backend !== undefined;

/** What the engine keeps of a stack after `stack rm`: old states, whose ids are in clear, in its backups and history. */
export function engineLeftovers({ backend, stack }: Known): string[] {
  const folders = ["backups", "history"].map((kind) => join(backend, ".pulumi", kind, "howdah", shortName(stack)));
  const files = [".bak", ".bak.attrs", ".attrs"].map((end) => `${checkpointFile({ backend, stack })}${end}`);
  return [...folders, ...files];
}

/** Where the effective config of a session's stack is kept; mode 0600, outside the checkout. */
export const effectiveFile = (session: Session): string => join(session.at.stacks, `${shortName(session.stack)}.yaml`);

/** True when the backend knows the stack. */
export const stackExists = (known: Known): boolean => existsSync(checkpointFile(known));

const checkpointSchema = z.object({
  checkpoint: z.object({
    latest: z.object({ secrets_providers: z.object({ state: z.object({ salt: z.string() }) }) }),
  }),
});

/** The salt as the last deployment has recorded it: what is left when the effective config was deleted. */
function recordedSalt(session: ManagedSession): string | undefined {
  const text = readText(checkpointFile(session));
  const parsed = text === undefined ? undefined : checkpointSchema.safeParse(JSON.parse(text));
  return parsed?.data?.checkpoint.latest.secrets_providers.state.salt;
}

/** Salt of the stack's secrets, wherever it is kept. */
export const knownSalt = (session: ManagedSession): string | undefined =>
  saltOf(readText(effectiveFile(session))) ?? recordedSalt(session);

/** Writes the effective config again from the config and the salt, and gives its path. */
export function syncConfig(session: ManagedSession): string {
  const { config } = session;
  if (config === undefined)
    throw new Failure(
      `stack "${session.stack}" has no config: ${session.source} does not exist.\n` +
        "Copy Pulumi.local.yaml to it, or name another file with HOWDAH_CONFIG_FILE.",
    );
  makeFolder(session.at.stacks, 0o700);
  writeWhole(effectiveFile(session), effectiveConfig(config, knownSalt(session)), 0o600);
  return effectiveFile(session);
}

/** Runs the engine in the checkout and collects what it says. */
export function ask(session: Session, args: string[], cwd?: string): Ended {
  return capture({ program: session.engine, args, env: session.environment, ...(cwd === undefined ? {} : { cwd }) });
}

/** A config from elsewhere must not make a stack of this machine under a name that the checkout keeps for another platform. */
function refuseForeignName({ stack, source }: ManagedSession): void {
  const own = join(checkout, `Pulumi.${shortName(stack)}.yaml`);
  const text = readText(own);
  if (source === own || text === undefined || isLocal(stack, text)) return;
  throw new Failure(
    `stack "${stack}" cannot be created on this machine: ${own} reserves that name for another platform than that of ${source} (HOWDAH_CONFIG_FILE).\n` +
      "Choose another name with --stack, or unset HOWDAH_CONFIG_FILE.",
  );
}

/** Creates the stack unless it exists, from a scratch project, since the engine writes the salt next to `Pulumi.yaml`. */
export function ensureStack(session: ManagedSession): void {
  if (stackExists(session)) return;
  refuseForeignName(session);
  const scratch = mkdtempSync(join(tmpdir(), "howdah-stack-"));
  try {
    writeFileSync(join(scratch, "Pulumi.yaml"), "name: howdah\nruntime: nodejs\n");
    const name = shortName(session.stack);
    const ended = ask(session, ["stack", "init", name, "--no-select", "--non-interactive"], scratch);
    if (ended.code !== 0) throw new Failure(`stack "${name}" could not be created:\n${ended.stderr}`);
    const salt = saltOf(readFileSync(join(scratch, `Pulumi.${name}.yaml`), "utf8"));
    makeFolder(session.at.stacks, 0o700);
    writeWhole(effectiveFile(session), effectiveConfig("", salt), 0o600);
    session.reporter.note(`created stack ${name} in ${session.backend}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Removes the lock of an engine that was killed; one that may still be at work is left alone. */
export function releaseAbandoned(session: ManagedSession): void {
  const [lock] = abandonedLocks(stackLocks(session.backend, session.stack));
  if (lock === undefined) return;
  session.reporter.note(
    `the run of ${lock.timestamp.slice(0, 19).replace("T", " ")} UTC (process ${lock.pid}) was killed: removing its lock`,
  );
  const ended = ask(session, ["cancel", "--yes", "--stack", session.stack]);
  if (ended.code !== 0) throw new Failure(`the lock could not be removed:\n${ended.stderr}`);
}
