import { constants, openSync } from "node:fs";
import { resolve } from "node:path";
import { isatty } from "node:tty";
import { changersOf, openRegular, UnsafePath, walk } from "../../lib/system/walk";
import { messageOf, Refusal } from "../../lib/errors";
import { locations, nodePath } from "../../lib/paths";
import { attach, capture } from "../../lib/process/attended";
import type { Reporter } from "../../lib/reporter";
import { type JobFile, jobText, localJobVariable, longestJob, isInstalled } from "./find-stack";

/** The arguments without those that selected the stack: the child process gets `--job-file` instead. */
export function withoutStackOptions(argv: readonly string[]): string[] {
  const own: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--stack" || word === "--job-file") at++;
    else if (!word.startsWith("--stack=") && !word.startsWith("--job-file=")) own.push(word);
  }
  return own;
}

/** Variables for output, network proxies and the AWS profile: none of them is a secret of root's. */
const harmless =
  /^(PATH|TZ|LANG|LANGUAGE|LC_\w+|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|HOWDAH_DEBUG|AWS_PROFILE|AWS_REGION|AWS_DEFAULT_REGION|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|NODE_EXTRA_CA_CERTS)$/;

/** What the service user may see of our environment: no passphrase of the engine's, no access key, no option of Node's. */
export const ownEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => harmless.test(name)));

/** Whose work a job's file is, by the file that was opened; for root's own, its text. */
export type Judged = { readonly uid: number } | { readonly text: string };

const otherThan = (file: string, who: string): Refusal =>
  new Refusal(
    `root does not trust ${file}: ${who} can change or replace it. ` +
      "The file and every folder above it must belong to root, or to the one user who is to do the work, and must be writable for that user only",
  );

/**
 * Judges a job's file as root, before a byte of it is parsed, by the handle that it is then read from: what the path leads to may
 * change at any time.
 * @throws Refusal if others than root and the file's owner can change it, or if it is not a file
 */
export const judge = (file: string): Promise<Judged> =>
  walk(file, "follow", async (found): Promise<Judged> => {
    const { uid, size } = found.stats;
    const handle = await openRegular(found, file);
    try {
      const { users, many } = changersOf(found);
      const stranger = users.find((user) => user !== uid);
      if (many) throw otherThan(file, "a group, or every user,");
      if (stranger !== undefined) throw otherThan(file, `user ${stranger}`);
      if (uid !== 0) return { uid };
      if (size > longestJob) throw new Refusal(`${file} is not a job file: it has ${size} bytes`);
      return { text: await handle.readFile("utf8") };
    } finally {
      await handle.close();
    }
  }).catch((error: unknown) => {
    if (error instanceof Refusal) throw error;
    const what = error instanceof UnsafePath ? "root does not read the job file" : "the job file cannot be read";
    throw new Refusal(`${what}: ${messageOf(error)}`);
  });

/** Name, group and home of a user. */
function accountOf(uid: number): { name: string; gid: string; home: string } {
  const { code, stdout } = capture({ program: "getent", args: ["passwd", String(uid)] });
  if (code !== 0) throw new Refusal(`the job file belongs to user ${uid}, who does not exist on this machine`);
  const entry = stdout.trim().split(":");
  return { name: entry[0] ?? "", gid: entry[3] ?? "", home: entry[5] ?? "/" };
}

/** This command, as another user can run it; the job file's own `command` is not trusted here. */
async function ownCommand(reporter: Reporter): Promise<string[]> {
  if (isInstalled) return [nodePath(locations()), process.argv[1] ?? ""];
  // The other user may not be able to enter the checkout.
  const { commandForAll } = await import("../engine/session.js");
  return commandForAll(reporter);
}

/** Whether a command may ask something: `restore --in-place`, for the stack's name. */
const mayAsk = (argv: readonly string[]): boolean => argv.includes("--in-place") && !argv.includes("--yes");

/** A standard output as another user may have it. Terminals are open for both ways, and a copy outlives the command: this one only writes. */
const onlyOut = (fd: 1 | 2): number =>
  isatty(fd) ? openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NOCTTY) : fd;

/** Standard streams of another user's command: with root's terminal to read from, that user would get what root types later, too. */
export const lentStreams = (argv: readonly string[]): (number | "ignore")[] => [
  isatty(0) && !mayAsk(argv) ? "ignore" : 0,
  onlyOut(1),
  onlyOut(2),
];

/**
 * Root's work is done by the owner of the job's file: PostgreSQL refuses root, what root would write the service user could not
 * read, and root does nothing that a file of that user's says.
 * @returns the exit code of the command as that user; the file's text if we are that user already
 */
export async function runAsOwner(
  { file, local }: JobFile,
  argv: readonly string[],
  reporter: Reporter,
): Promise<number | string> {
  if (process.getuid?.() !== 0) return jobText(file);
  const judged = await judge(file);
  if ("text" in judged) return judged.text;
  const { name, gid, home } = accountOf(judged.uid);
  const identity = [`--reuid=${judged.uid}`, `--regid=${gid}`, "--init-groups", "--pdeathsig=TERM"];
  const command = [...(await ownCommand(reporter)), "--job-file", resolve(file), ...withoutStackOptions(argv)];
  const env = {
    ...ownEnvironment(process.env),
    HOME: home,
    USER: name,
    HOWDAH_CWD: process.cwd(),
    ...(local ? { [localJobVariable]: "1" } : {}),
  };
  return attach(
    { program: "setpriv", args: [...identity, ...command], cwd: "/", env, ownSession: true },
    lentStreams(argv),
  );
}
