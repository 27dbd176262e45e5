import { z } from "zod";
import { type RemoteStackFile, type StackFile, stackFileSchema } from "../../contracts/stack-file";
import { readText } from "../../lib/system/files";
import { Failure, messageOf, Refusal } from "../../lib/errors";
import { capture } from "../../lib/process";
import type { Voice } from "../../lib/reporter";
import { chosenStack } from "../engine/environment";
import { MB } from "../../lib/units";

export const isRemoteJob = (job: StackFile): job is RemoteStackFile => job.kind === "remote";

/** Where a job's file is. */
export interface JobPlace {
  readonly file: string;
  /** Whether a stack of this machine named it: the job is then for a cluster of this machine. */
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

/** Text of a job's file. Throws a `Refusal` where it cannot be read. */
export const jobText = (file: string): Promise<string> =>
  readText(file, longestJob).catch((error: unknown) => {
    throw new Refusal(`the job file cannot be read: ${messageOf(error)}`);
  });

/** The job that a file's text holds. Throws a `Refusal` where it is none, or not for a cluster of this machine where it has to be. */
export function parseJob(text: string, { file, local }: JobPlace): StackFile {
  const { success, data, error } = stackFileSchema.safeParse(parsed(text));
  if (!success) throw new Refusal(`${file} is no job file of this version of howdah:\n${z.prettifyError(error)}`);
  if (local && isRemoteJob(data))
    throw new Refusal(
      `${file} is for a cloud's database, and the stack is one of this machine: the file is not the one that \`make up\` wrote; run that again, and find out who changed it`,
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
 * @throws Refusal where there is none: before the first `up`, or where jobs run in a cluster
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
    `the jobs of stack "${stack}" run as CronJobs in its Kubernetes namespace, where the job files are. ` +
      `See them with \`kubectl --namespace ${namespace} get cronjobs\`, run one with ` +
      `\`kubectl --namespace ${namespace} create job drill-by-hand --from=cronjob/drill\`, or name a job file with --job-file`,
  );
}

/** Asks the outputs of a stack for its job's file. */
async function jobFileOf(stack: string, voice: Voice): Promise<string> {
  if (isInstalled)
    throw new Refusal(
      "which stack? Name its job file with --job-file: only the command of a checkout finds a stack by its name",
    );
  const { openSession } = await import("../engine/session.js");
  const { engine, environment } = await openSession(stack, voice);
  const asked = capture({ program: engine, args: ["stack", "output", "--json", "--stack", stack], env: environment });
  if (asked.code !== 0) throw new Failure(`the outputs of stack "${stack}" cannot be read:\n${asked.stderr.trim()}`);
  return jobFileIn(JSON.parse(asked.stdout), stack);
}

/** Where the job of a stack is: as named, else by the outputs of the stack (default: `PULUMI_STACK`, else `local`). */
export async function findJob(
  named: { readonly jobFile?: string; readonly stack?: string },
  voice: Voice,
): Promise<JobPlace> {
  if (named.jobFile !== undefined) return { file: named.jobFile, local: process.env[localJobVariable] === "1" };
  // Outputs name a file for stacks of this machine only.
  return { file: await jobFileOf(chosenStack(named.stack, process.env), voice), local: true };
}
