import type { Context } from "../kit/answer";
import type { CheckName, DrillReport } from "./report";

/** A check that failed; the first one ends the drill. */
export class DrillFault extends Error {
  constructor(
    readonly check: CheckName,
    reason: string,
  ) {
    super(reason);
  }
}

/** Seconds, to a tenth: what a measurement that takes longer than that is good for. */
export const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;

/** The checks of one drill, in their order, and what came of each. */
export class Steps {
  readonly done: DrillReport["checks"] = [];

  constructor(private readonly context: Context) {}

  /**
   * Runs one check and writes its result down.
   * @returns the seconds that it took
   * @throws DrillFault with the reason, or the signal's if the user ended it
   */
  async check(name: CheckName, work: () => Promise<string>): Promise<number> {
    const { signal, progress } = this.context;
    signal.throwIfAborted();
    progress(`drill: ${name}`);
    const began = performance.now();
    try {
      this.done.push({ name, detail: await work() });
      return (performance.now() - began) / 1000;
    } catch (error) {
      signal.throwIfAborted();
      throw new DrillFault(name, (error as Error).message);
    }
  }
}
