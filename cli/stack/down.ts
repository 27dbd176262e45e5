import type { StdioOptions } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeTree } from "../../lib/system/files";
import { Failure } from "../../lib/errors";
import { ask, effectiveFile, engineLeftovers, isManaged, stackExists, type ManagedSession } from "../engine/managed";
import { stacksBelow } from "../engine/passphrase";
import { stdoutToStderr, runInSession } from "../engine/run";
import { readExport, withoutServerObjects } from "../engine/server-objects";
import { locateStack, openSession } from "../engine/session";
import type { CheckoutScope } from "../kit/command";
import { connectionFile } from "./status";

/** Takes the objects inside the server out of the state, for when no server answers. */
function forgetServerObjects(session: ManagedSession): void {
  const exported = ask(session, ["stack", "export", "--show-secrets=false", "--stack", session.stack]);
  if (exported.code !== 0) throw new Failure(`the state cannot be read:\n${exported.stderr}`);
  const folder = mkdtempSync(join(tmpdir(), "howdah-down-"));
  try {
    const file = join(folder, "state.json");
    writeFileSync(file, JSON.stringify(withoutServerObjects(readExport(exported.stdout))), { mode: 0o600 });
    const imported = ask(session, ["stack", "import", "--file", file, "--stack", session.stack]);
    if (imported.code !== 0) throw new Failure(`the state cannot be written:\n${imported.stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function destroy(session: ManagedSession, streams: StdioOptions): Promise<void> {
  const args = ["destroy", "--stack", session.stack, "--yes", "--skip-preview", "--suppress-outputs"];
  if ((await runInSession(session, args, streams)) === 0) return;
  session.reporter.note(
    "not everything could be deleted: trying again, without dropping roles and databases one by one",
  );
  forgetServerObjects(session);
  if ((await runInSession(session, args, streams)) === 0) return;
  throw new Failure(
    "the stack could not be deleted; its remaining resources are still in its state. Fix the errors above and run `make down` again.",
  );
}

/** Removes what belongs to the stack outside the state; with the last stack, also backend and passphrase. Caches stay. */
async function removeLeftovers(session: ManagedSession): Promise<void> {
  const { at, stack, backend } = session;
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(stack)) throw new Error(`"${stack}" is not a plain stack name`);
  const files = [join(at.root, stack), effectiveFile(session), connectionFile(session)];
  for (const path of [...files, ...engineLeftovers(session)]) await removeTree(path);
  if (stacksBelow(backend).length === 0 && backend === at.backend)
    for (const path of [backend, at.passphraseFile, at.stacks]) await removeTree(path);
}

/** Why nothing was deleted; undefined once everything is. */
export type DownResult = { readonly deleted: true } | { readonly deleted: false; readonly reason: string };

/**
 * Deletes a stack of this machine, with its data and backups.
 * @param agree asks, and throws unless the answer is yes
 * @throws Failure for a stack of another kind, or if something is left
 */
export async function down({ stack, reporter, json }: CheckoutScope, agree: () => Promise<void>): Promise<DownResult> {
  // Before the setup, which would leave a backend and a passphrase behind.
  const { backend } = locateStack(stack);
  if (backend !== undefined && !stackExists({ backend, stack }))
    return { deleted: false, reason: `there is no stack "${stack}" in ${backend}: nothing to delete` };
  await agree();
  const session = await openSession(stack, reporter);
  if (!isManaged(session))
    throw new Failure(
      `\`make down\` is for stacks on this machine. For "${stack}": npm run pulumi -- destroy --stack ${stack}`,
    );
  await destroy(session, json ? stdoutToStderr : "inherit");
  const removed = ask(session, ["stack", "rm", "--yes", "--preserve-config", "--stack", stack]);
  if (removed.code !== 0) throw new Failure(`the empty stack could not be removed:\n${removed.stderr}`);
  await removeLeftovers(session);
  return { deleted: true };
}
