import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type Job, jobSchema } from "../components/backup/job";
import { type RemoteJob, remoteJobSchema } from "../components/backup/remote-job";
import { Failure, messageOf } from "../tools/failure";
import { capture } from "../tools/process";
import type { Voice } from "../tools/say";
import { chosenStack } from "../tools/stack/environment";
import { Refusal } from "./refusal";

/** What a job's file may hold: a cluster of this machine, or a cloud's database. */
export type AnyJob = Job | RemoteJob;

export const isRemoteJob = (job: AnyJob): job is RemoteJob => "kind" in job;

/** A job, and the file that it was read from. */
export interface FoundJob {
  readonly job: AnyJob;
  readonly file: string;
}

const kindSchema = z.object({ kind: z.literal("remote") });

/** Reads a job's file. Throws a `Refusal` where it cannot be read or is none. */
export async function readJob(file: string): Promise<AnyJob> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new Refusal(`the job file cannot be read: ${messageOf(error)}`);
  });
  const found = parsed(text);
  const schema = kindSchema.safeParse(found).success ? remoteJobSchema : jobSchema;
  const { success, data, error } = schema.safeParse(found);
  if (!success) throw new Refusal(`${file} is no job file of this version of howdah:\n${z.prettifyError(error)}`);
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
  // Left out of the bundle: whoever runs that one names the job's file.
  const { openSession } = await import("../tools/stack/session.js");
  const { engine, environment } = await openSession(stack, voice);
  const asked = capture({ program: engine, args: ["stack", "output", "--json", "--stack", stack], env: environment });
  if (asked.code !== 0) throw new Failure(`the outputs of stack "${stack}" cannot be read:\n${asked.stderr.trim()}`);
  return jobFileIn(JSON.parse(asked.stdout), stack);
}

/** The job of a stack: by its file, else through the outputs of the stack (default: `PULUMI_STACK`, else `local`). */
export async function findJob(
  named: { readonly jobFile?: string; readonly stack?: string },
  voice: Voice,
): Promise<FoundJob> {
  const file = named.jobFile ?? (await jobFileOf(chosenStack(named.stack, process.env), voice));
  return { job: await readJob(file), file };
}
