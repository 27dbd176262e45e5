import { type EngineRun, jsonOf } from "./typescript";

/** One operation of a preview, as the engine prints it. */
export interface PreviewStep {
  readonly op: string;
  readonly urn: string;
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
}

/** A stack under the real engine, through the commands that a user types. */
export abstract class EngineStack {
  /** Runs `npm run pulumi -- …` for this stack. */
  abstract pulumi(...args: string[]): Promise<EngineRun>;

  /** The answer of an engine command that prints JSON. */
  async json(...args: string[]): Promise<unknown> {
    return jsonOf(await this.pulumi(...args));
  }

  /** `pulumi up`; throws with the output if it fails. */
  async up(...options: string[]): Promise<EngineRun> {
    const run = await this.tryUp(...options);
    if (run.code !== 0) throw new Error(`up failed (${run.code}):\n${run.output}`);
    return run;
  }

  tryUp(...options: string[]): Promise<EngineRun> {
    return this.pulumi("up", "--yes", "--skip-preview", "--non-interactive", ...options);
  }

  /** Operations that the next `up` would do, those that change nothing left out. */
  async preview(...options: string[]): Promise<readonly PreviewStep[]> {
    const preview = await this.json("preview", "--json", "--non-interactive", ...options);
    const { steps } = preview as { readonly steps: readonly PreviewStep[] };
    return steps.filter(({ op }) => !["same", "read", "refresh"].includes(op));
  }
}
