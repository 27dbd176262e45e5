import { messageOf, Misuse } from "../../lib/errors";
import type { Context } from "../kit/answer";
import { type DrillReport, ownFailure } from "./report";
import { DrillFault, Steps } from "./steps";

/** What a drill knows of itself before it has ended. */
export interface Draft {
  set: string;
  size: number;
  rtoSeconds?: number;
  rpoSeconds?: number;
}

/** One run of a drill. */
export interface Attempt {
  readonly quick: boolean;
  /** Fills in the draft as soon as something is known: a later step may fail. */
  readonly work: (draft: Draft, steps: Steps) => Promise<void>;
  readonly save: (report: DrillReport) => Promise<void>;
}

/** True for an error that says nothing about backups: only the request was wrong. */
export const isMisuse = (error: unknown): boolean => error instanceof Misuse;

/**
 * Runs a drill and writes down what came of it, whatever that is: of one that ended before it had a result, the last record would
 * otherwise be an older one that was good.
 * @throws what `work` throws, except DrillFault
 */
export async function attempt({ quick, work, save }: Attempt, context: Context): Promise<DrillReport> {
  const steps = new Steps(context);
  const draft: Draft = { set: "", size: 0 };
  const concluded = (cause?: DrillReport["cause"]): DrillReport => {
    const outcome = cause === undefined ? { passed: true } : { passed: false, cause };
    return { at: new Date().toISOString(), quick, ...draft, checks: steps.done, ...outcome };
  };
  let cause: DrillReport["cause"];
  try {
    await work(draft, steps);
  } catch (error) {
    if (!(error instanceof DrillFault)) {
      if (!isMisuse(error))
        await save(concluded({ check: ownFailure, reason: messageOf(error) })).catch((trouble: unknown) => {
          context.note(`the drill's failure could not be recorded: ${messageOf(trouble)}`);
        });
      throw error;
    }
    cause = { check: error.check, reason: error.message };
  }
  const report = concluded(cause);
  await save(report);
  return report;
}
