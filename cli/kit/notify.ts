import { readFile } from "node:fs/promises";
import type { LocalStackFile, StackFile } from "../../contracts/stack-file";
import { doubling, retry, type RetryPolicy } from "../../lib/retry";
import type { Context } from "./answer";

/** An event to report to the webhook. */
export interface Event {
  readonly stack: string;
  readonly what: "backup" | "drill" | "restore" | "maintenance";
  readonly outcome: "ok" | "failed";
  /** One line. */
  readonly detail: string;
  readonly at: Date;
}

/** Milliseconds for one post. */
const timeLimit = 10_000;

/** An answer other than 2xx. */
class Refused extends Error {
  constructor(readonly status: number) {
    super(`it answered ${status}`);
  }
}

/** "Try again later", and what goes wrong on the other side or on the way; not a wrong URL. */
const isPassing = (error: unknown): boolean =>
  !(error instanceof Refused) || error.status === 429 || error.status >= 500;

const usualPolicy: RetryPolicy = { tries: 4, pause: doubling(500), isPassing };

function bodyOf({ stack, what, outcome, detail, at }: Event, format: "json" | "slack"): string {
  if (format === "json") return JSON.stringify({ stack, what, outcome, detail, at: at.toISOString() });
  const sign = outcome === "ok" ? ":white_check_mark:" : ":rotating_light:";
  // Slack reads these three as markup: https://docs.slack.dev/messaging/formatting-message-text
  const text = `${stack}: ${what} ${outcome}: ${detail}`
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
  return JSON.stringify({ text: `${sign} ${text}` });
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    // A redirect is not followed: nothing is sent to another address.
    redirect: "manual",
    signal: AbortSignal.timeout(timeLimit),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Refused(response.status);
}

/** Why it failed, in our words: messages of `fetch` quote the URL, which is a secret. */
function reasonOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  if ((error as Error).name === "TimeoutError") return `no answer within ${timeLimit / 1000} s`;
  const { code } = ((error as Error).cause ?? error) as { code?: unknown };
  return typeof code === "string" && /^[A-Z_]+$/.test(code) ? code : "it cannot be reached";
}

/**
 * Notifies the job's webhook. Never rejects: an unreachable webhook does not make the work fail.
 * @returns undefined once delivered, or where the job has no webhook; otherwise why not, for a note; the URL is not in it
 */
export async function notify(
  settings: LocalStackFile["notify"],
  event: Event,
  policy: RetryPolicy = usualPolicy,
): Promise<string | undefined> {
  if (settings === undefined) return undefined;
  const { urlFile, format } = settings;
  try {
    const url = (await readFile(urlFile, "utf8")).trim();
    await retry(policy, () => post(url, bodyOf(event, format)));
    return undefined;
  } catch (error) {
    return `the webhook of ${urlFile} was not notified: ${reasonOf(error)}`;
  }
}

/** Notifies the stack's webhook, and prints a note if that fails. Never rejects. */
export async function notifyOfFailure(
  job: Pick<StackFile, "stack" | "notify">,
  event: Pick<Event, "what" | "outcome" | "detail">,
  context: Pick<Context, "note">,
): Promise<void> {
  const trouble = await notify(job.notify, { ...event, stack: job.stack, at: new Date() });
  if (trouble !== undefined) context.note(trouble);
}
