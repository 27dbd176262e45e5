import { supportEnds } from "../../contracts/postgres-versions";
import { toSeconds } from "../../lib/values";
import type { PlatformInput } from "../ports/platform";
import type { RuleSettings } from "./rules";

/** What a stack is measured by; a config has no objectives for these yet. */
const usual = {
  /** Share of the probes that succeed: 43 minutes a month. */
  availability: 0.999,
  /** Seconds: a transaction of one row takes a hundredth of it on one machine, and a tenth of it between zones. */
  latency: 0.1,
} as const;

interface StackInput extends Pick<PlatformInput, "stack" | "objectives" | "plan"> {
  readonly postgres: Pick<PlatformInput["postgres"], "cpus">;
}

/** What the alerts of a stack follow from: its config, and what the platform has of servers and sources. */
export const ruleSettingsOf = (
  { stack, objectives, plan, postgres }: StackInput,
  platform: Pick<RuleSettings, "servers" | "sources" | "targets">,
): RuleSettings => ({
  stack,
  rto: toSeconds(objectives.rto),
  rpo: toSeconds(objectives.rpo),
  plan,
  cpus: postgres.cpus,
  ...usual,
  supportEnds,
  ...platform,
});
