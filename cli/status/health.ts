import { z } from "zod";
import { nodePath } from "../../lib/paths";
import { broken, type Finding, findingSchema } from "../checks/finding";
import { serviceIdentity } from "../../lib/system/identity";
import { opsPath } from "../../setup/command";
import { capture } from "../../lib/process/attended";
import type { Session } from "../engine/session";

/** Milliseconds: every question has a limit of its own, and this is longer. */
const timeout = 60_000;

/** The kernel ends the checks when we exit. After the change of user, which would undo this setting. */
const tied = ["setpriv", "--pdeathsig=TERM", "env", "PATH=/usr/bin:/bin"] as const;

const answerSchema = z.array(findingSchema);

/** JSON of a program; undefined if it is not one. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What the service user sees of a stack's parts. That user asks, and not we: what it may write to, root neither reads nor follows.
 * @param jobFile as the stack's state names it
 */
export function askHealth({ at }: Session, jobFile: string): readonly Finding[] {
  const command = [nodePath(at), opsPath(at), "--job-file", jobFile, "--json", "health"];
  const [program = "", ...args] = [...serviceIdentity().prefix, ...tied, ...command];
  // In a session of its own: that user can change a program of its own while it runs, and have it type on root's terminal.
  const { stdout, stderr } = capture({ program, args, cwd: "/", timeout: timeout, ownSession: true });
  const { data } = answerSchema.safeParse(parsed(stdout));
  return data ?? [broken("checks", `the service user's checks failed: ${`${stderr}${stdout}`.trim().slice(0, 500)}`)];
}
