import { metrics } from "../../contracts/metrics/metrics";
import { commonLabels, targetLabels } from "../../contracts/metrics/others";
import { type AlertName, areas } from "./catalogue";
import type { Alert } from "./alerts/alert";

/** A rule of Alertmanager by which it leaves out what another alert says already ("Configuration", inhibit_rule). */
export interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

/** The alert that always fires: if it stays away, Prometheus or Alertmanager does not work. */
export const watchdog = "Watchdog" satisfies AlertName;

/** Labels that two levels of an alert about the same thing have with different values. */
const ofLevel: readonly string[] = ["le", "wal_status"];

/** Labels that say what an alert is about; two of these are made by alerts. Alertmanager takes two that are absent for equal. */
const identity = [
  ...new Set<string>([
    ...commonLabels,
    ...Object.values(metrics).flatMap(({ labels }): readonly string[] => labels),
    ...Object.values(targetLabels).flat(),
    "major",
    "source",
  ]),
].filter((label) => !ofLevel.includes(label));

const alerts = Object.assign({}, ...Object.values(areas)) as Readonly<Record<AlertName, Alert>>;

const isOneOf = (names: readonly string[]): string => `alertname=~"${names.join("|")}"`;

/** A level says all that a lower one of the same alert would. */
const levels: readonly InhibitRule[] = [
  {
    source_matchers: ['severity="critical"'],
    target_matchers: ['severity=~"warning|info"'],
    equal: ["alertname", ...identity],
  },
  {
    source_matchers: ['severity="warning"'],
    target_matchers: ['severity="info"'],
    equal: ["alertname", ...identity],
  },
];

/** What is down explains everything about it. */
const down: readonly InhibitRule[] = (
  [
    ["PostgresDown", "server"],
    ["HostDown", "host"],
  ] as const satisfies readonly (readonly [AlertName, string])[]
).map(([name, label]) => ({
  source_matchers: [`alertname="${name}"`],
  target_matchers: ['nature="cause"', `${label}!=""`],
  equal: ["stack", label],
}));

/** What the alerts themselves say (`hiddenBy`), together for each alert that hides and for the labels that have to be equal. */
function hidden(): InhibitRule[] {
  const groups = new Map<string, string[]>();
  for (const [name, { hiddenBy = {} }] of Object.entries(alerts))
    for (const [by, equal] of Object.entries(hiddenBy)) {
      const key = JSON.stringify([by, equal]);
      groups.set(key, [...(groups.get(key) ?? []), name]);
    }
  return [...groups].map(([key, names]): InhibitRule => {
    const [by, equal] = JSON.parse(key) as [string, string[]];
    return { source_matchers: [`alertname="${by}"`], target_matchers: [isOneOf(names)], equal: ["stack", ...equal] };
  });
}

/** All of them, for Alertmanager's configuration. */
export const inhibitRules: readonly InhibitRule[] = [...levels, ...down, ...hidden()];
