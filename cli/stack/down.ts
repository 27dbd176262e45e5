import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { removeTree } from "../../lib/system/files";
import { Failure, runScript } from "../../lib/errors";
import { createVoice, type Voice } from "../../lib/reporter";
import { chosenStack } from "../engine/environment";
import { ask, effectiveFile, engineLeftovers, isManaged, stackExists, type ManagedSession } from "../engine/managed";
import { stacksBelow } from "../engine/passphrase";
import { runInSession } from "../engine/run";
import { readExport, withoutServerObjects } from "../engine/server-objects";
import { findPlace, openSession } from "../engine/session";
import { connectionFile } from "./status";

/** Asks for the stack's name, unless `YES=1`. Throws a `Failure` without a terminal or with another answer. */
async function confirm(stack: string): Promise<void> {
  if (process.env["YES"] === "1") return;
  if (!process.stdin.isTTY) throw new Failure("`make down` deletes all data of the stack: say so with YES=1");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(
    `This deletes stack "${stack}" with all its data and backups. Type its name: `,
  );
  terminal.close();
  if (answer.trim() !== stack) throw new Failure("nothing was deleted");
}

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

async function destroy(session: ManagedSession, voice: Voice): Promise<void> {
  const args = ["destroy", "--stack", session.stack, "--yes", "--skip-preview", "--suppress-outputs"];
  if ((await runInSession(session, args)) === 0) return;
  voice.note("not everything could be deleted: once more, without dropping roles and databases one by one");
  forgetServerObjects(session);
  if ((await runInSession(session, args)) === 0) return;
  throw new Failure(
    "the stack could not be deleted; what is left is still in its state. Mend what is said above and run `make down` again.",
  );
}

/** Removes what belongs to the stack outside the state; with the last stack, also backend and passphrase. Caches stay. */
async function removeLeftovers(session: ManagedSession): Promise<void> {
  const { at, stack, backend } = session;
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(stack)) throw new Error(`"${stack}" is no plain stack name`);
  const files = [join(at.root, stack), effectiveFile(session), connectionFile(session)];
  for (const path of [...files, ...engineLeftovers(session)]) await removeTree(path);
  if (stacksBelow(backend).length === 0 && backend === at.backend)
    for (const path of [backend, at.passphraseFile, at.stacks]) await removeTree(path);
}

async function down(stack: string, voice: Voice): Promise<number> {
  // Before the set-up, which would leave a backend and a passphrase behind.
  const { backend } = findPlace(stack);
  if (backend !== undefined && !stackExists({ backend, stack })) {
    voice.note(`there is no stack "${stack}" in ${backend}: nothing to delete`);
    return 0;
  }
  await confirm(stack);
  const session = await openSession(stack, voice);
  if (!isManaged(session))
    throw new Failure(
      `\`make down\` is for stacks on this machine. For "${stack}": npm run pulumi -- destroy --stack ${stack}`,
    );
  await destroy(session, voice);
  const removed = ask(session, ["stack", "rm", "--yes", "--preserve-config", "--stack", stack]);
  if (removed.code !== 0) throw new Failure(`the empty stack could not be removed:\n${removed.stderr}`);
  await removeLeftovers(session);
  process.stdout.write(`stack "${stack}" is gone: no process, file or port is left\n`);
  return 0;
}

runScript(() => down(chosenStack(process.env["STACK"], process.env), createVoice()));
