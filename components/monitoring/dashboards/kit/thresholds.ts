import { failoverPlan } from "../../../postgres/objectives";
import { objectivesSchema } from "../../../postgres/schema";
import { setNames } from "../../../../contracts/metrics/collector";
import { type Program, targetLabels } from "../../../../contracts/metrics/others";
import { type Severity, severities } from "../../alerts/alert";
import { type AlertName, catalogue } from "../../catalogue";
import { ruleSettingsOf } from "../../rule-settings";

/*
 * One set of dashboards serves all stacks. Thresholds that follow from a stack's settings are those of an empty config on three
 * servers: the second level of ReplicationLagSeconds, DcsStale, SyncStandbyMissing, MembersMissing and EtcdNoQuorum. LoadHigh and
 * IoWaitSessions depend on the CPUs of a server, for which there is no usual number: their panels have no thresholds. Availability
 * and latency are the same for all stacks.
 */

const objectives = objectivesSchema.parse({});
const replicas = 2;
const servers = replicas + 1;

export const defaultSettings = ruleSettingsOf(
  { stack: "$stack", objectives, plan: failoverPlan(objectives, replicas), postgres: { cpus: 1 } },
  {
    servers,
    sources: [...setNames, ...(Object.keys(targetLabels) as Program[])],
    targets: { collector: 1, patroni: servers, etcd: 3, haproxy: 1, node: 1, prometheus: 1, alertmanager: 1 },
  },
);

const rules = catalogue(defaultSettings);

/** Alerts, and from where on they fire: `above` their figures, `from` the figures themselves, or `below` them. */
export interface Marks {
  readonly alerts: readonly AlertName[];
  readonly bad: "above" | "from" | "below";
}

export const above = (...alerts: readonly AlertName[]): Marks => ({ alerts, bad: "above" });
export const from = (...alerts: readonly AlertName[]): Marks => ({ alerts, bad: "from" });
export const below = (...alerts: readonly AlertName[]): Marks => ({ alerts, bad: "below" });

export interface Step {
  readonly value: number | null;
  readonly color: string;
}

export const fine = "green";
const colors: Readonly<Record<Severity, string>> = { critical: "red", warning: "orange", info: "yellow" };

/** Grafana colors a step's own value, too, with which `above` does not fire yet: counts and flags rest at 0 and 1. */
const beyond = (limit: number): number => (limit === 0 || limit === 1 ? limit + 1e-9 : limit);

/** Levels of these alerts by rising figures; of two with the same one, the worse. */
function levelsOf(alerts: readonly AlertName[]): { limit: number; color: string }[] {
  const own = severities.flatMap((severity) =>
    rules.filter(({ name, severity: level }) => alerts.includes(name) && level === severity),
  );
  return own
    .filter(({ limit }, at) => own.findIndex((other) => other.limit === limit) === at)
    .map(({ limit, severity }) => ({ limit, color: colors[severity] }))
    .sort((a, b) => a.limit - b.limit);
}

/** Grafana's thresholds: from each value on, its color. */
export function stepsOf(marks: Marks | undefined): Step[] {
  if (marks === undefined) return [{ value: null, color: fine }];
  const levels = levelsOf(marks.alerts);
  if (marks.bad === "below")
    return [...levels, { color: fine }].map(({ color }, at) => ({ value: levels[at - 1]?.limit ?? null, color }));
  const place = marks.bad === "above" ? beyond : (limit: number) => limit;
  return [{ value: null, color: fine }, ...levels.map(({ limit, color }) => ({ value: place(limit), color }))];
}
