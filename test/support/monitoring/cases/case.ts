import type { AlertName, Alerts } from "../../../../components/monitoring/catalogue";
import type { RuleSettings } from "../../../../components/monitoring/rules";
import type { Wave } from "../waves";

/** What makes an alert fire: quiet is one step below its threshold. */
export interface Case {
  readonly series: readonly Wave[];
  /** Labels of the alert, but for those that all alerts have. */
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds of the quiet time, of the loud one and afterwards. Default: as the expression looks back, and as the alert waits. */
  readonly quietFor?: number;
  readonly loudFor?: number;
  readonly afterFor?: number;
  /** What differs from the settings of all cases. */
  readonly settings?: Partial<RuleSettings>;
  /** True if it is never quiet. */
  readonly always?: true;
}

/** A case for each level of each of these alerts: one that is missing does not compile. */
export type Cases<Name extends AlertName> = {
  readonly [Each in Name]: { readonly [Level in keyof Alerts[Each]["levels"]]: Case };
};

/** One that is the same at all levels but for its figures. */
export const of = (labels: Case["labels"], ...series: readonly (Wave | readonly Wave[])[]): Case => ({
  series: series.flat(),
  labels,
});

/** A label of a server, as most series have. */
export const node1 = { server: "node1" } as const;
