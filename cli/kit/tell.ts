import type { Context } from "./context";
import type { StackFile } from "../../contracts/stack-file";
import { type Event, notify } from "./notify";

/** Tells the stack's webhook, and says where it could not be told. Never rejects. */
export async function tell(
  job: Pick<StackFile, "stack" | "notify">,
  event: Pick<Event, "what" | "outcome" | "detail">,
  context: Pick<Context, "note">,
): Promise<void> {
  const trouble = await notify(job.notify, { ...event, stack: job.stack, at: new Date() });
  if (trouble !== undefined) context.note(trouble);
}
