import { z } from "zod";
import { type RemoteStackFile, type StackFile, stackFileSchema } from "../../contracts/stack-file";
import { readText } from "../../lib/system/files";
import { Failure, messageOf, Refusal } from "../../lib/errors";
import { capture } from "../../lib/process/attended";
import type { Reporter } from "../../lib/reporter";
import { chosenStack } from "../engine/environment";
import { MB } from "../../lib/units";

export const isRemoteJob = (job: StackFile): job is RemoteStackFile => job.kind === "remote";

/** Where a job's file is. */
export interface JobFile {
  readonly file: string;
  /** Whether it was found through a local stack: the job must then be for a local cluster. */
  readonly local: boolean;
}

/** Given by `setup/build.ts`. */
declare const isOneFile: true | undefined;

/** True in the bundle of the command, which is made for the service user and for images: there are no sources there, and no engine. */
export const isInstalled = typeof isOneFile !== "undefined";

/** Bytes: a job of a thousand databases has a tenth of that. */
export const longestJob = MB;

/** Set for the service user: root found the file through a stack of this machine. */
export const localJobVariable = "HOWDAH_LOCAL_JOB";

/** Text of a job's file. @throws Refusal if it cannot be read. */
export const jobText = (file: string): Promise<string> =>
  readText(file, longestJob).catch((error: unknown) => {
    throw new Refusal(`the job file cannot be read: ${messageOf(error)}`);
  });

/** The job that a file's text holds. @throws Refusal if it is not one, or not for a cluster of this machine where it has to be. */
export function parseJob(text: string, { file, local }: JobFile): StackFile {
  const { success, data, error } = stackFileSchema.safeParse(parsed(text));
  if (!success) throw new Refusal(`${file} is not a job file of this version of howdah:\n${z.prettifyError(error)}`);
  if (local && isRemoteJob(data))
    throw new Refusal(
      `${file} is for a cloud's database, but the stack is local: this is not the file that \`make up\` wrote; run \`make up\` again, and find out who changed the file`,
    );
  return data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const outputsSchema = z.object({
  backup: z.object({ jobFile: z.string().optional() }),
  pooler: z.object({ host: z.string() }).optional().catch(undefined),
});

/**
 * The path of the job's file in the outputs of a stack.
 * @throws Refusal if there is none: before the first `up`, or where jobs run in a cluster
 */
export function jobFileIn(outputs: unknown, stack: string): string {
  const { data } = outputsSchema.safeParse(outputs);
  if (data === undefined)
    throw new Refusal(`stack "${stack}" has no backups that this command knows of; run \`make up\` first`);
  const { backup, pooler } = data;
  if (backup.jobFile !== undefined) return backup.jobFile;
  // The name of the pooler's Service.
  const namespace = /^[^.]+\.([^.]+)\.svc\b/.exec(pooler?.host ?? "")?.[1] ?? "<namespace>";
  throw new Refusal(
    `the jobs of stack "${stack}" run as CronJobs in its Kubernetes namespace, which has the job files. ` +
      `List them with \`kubectl --namespace ${namespace} get cronjobs\`, run one with ` +
      `\`kubectl --namespace ${namespace} create job drill-by-hand --from=cronjob/drill\`, or name a job file with --job-file`,
  );
}

/** Asks the outputs of a stack for its job's file. */
async function jobFileOf(stack: string, reporter: Reporter): Promise<string> {
  if (isInstalled)
    throw new Refusal(
      "no stack: name its job file with --job-file; only the command in a checkout finds a stack by its name",
    );
  const { openSession } = await import("../engine/session.js");
  const { engine, environment } = await openSession(stack, reporter);
  const asked = capture({ program: engine, args: ["stack", "output", "--json", "--stack", stack], env: environment });
  if (asked.code !== 0) throw new Failure(`the outputs of stack "${stack}" cannot be read:\n${asked.stderr.trim()}`);
  return jobFileIn(JSON.parse(asked.stdout), stack);
}

/** The job file of a stack: the one that was named, otherwise the one in the outputs of the stack (default: `PULUMI_STACK`, otherwise `local`). */
export async function findJob(
  named: { readonly jobFile?: string; readonly stack?: string },
  reporter: Reporter,
): Promise<JobFile> {
  if (named.jobFile !== undefined) return { file: named.jobFile, local: process.env[localJobVariable] === "1" };
  // Outputs name a file for stacks of this machine only.
  return { file: await jobFileOf(chosenStack(named.stack, process.env), reporter), local: true };
}
