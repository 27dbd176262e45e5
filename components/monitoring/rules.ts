import { stringify } from "yaml";
import type { AlertSettings } from "./alerts/alert";
import { type AlertRule, areas, catalogue } from "./catalogue";
import { duration, type Expression, metric, minutes, promql } from "./expression";
import { recordings } from "./recording";

/** A rule in Prometheus' format, "Alerting rules" and "Recording rules". */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  /** Default: that of Prometheus. */
  readonly interval?: string;
  readonly rules: readonly Rule[];
}

/** Folder with the runbooks: its path in the checkout. */
export const runbookFolder = "docs/runbooks";

export interface RuleSettings extends AlertSettings {
  /** Name of the stack: the rules read its series alone. */
  readonly stack: string;
  /** Address of the folder with the runbooks. Default: `runbookFolder`. */
  readonly runbooks?: string;
}

/** Planned work that took less than the time between two scrapes is seen too, and what it caused has time to end. */
const workEndsAfter = minutes(5);

const duringWork = promql`max(max_over_time(${metric("howdah_planned_work").over(workEndsAfter)})) > ${0}`;

/** The condition, silent during planned work if it has to be. */
const condition = ({ alert, expr }: AlertRule): Expression =>
  alert.quietDuringWork === true ? promql`(${expr}) unless on () ${duringWork}` : expr;

function alertingRule(rule: AlertRule, { stack, runbooks = runbookFolder }: RuleSettings): Rule {
  const { name, severity, area, alert, keep } = rule;
  return {
    alert: name,
    expr: condition(rule).text({ stack }),
    ...(rule.for === 0 ? {} : { for: duration(rule.for) }),
    ...(keep === undefined ? {} : { keep_firing_for: duration(keep) }),
    labels: { stack, severity, nature: alert.nature, area },
    annotations: {
      summary: alert.summary,
      value: "{{ $value | humanize }}",
      runbook_url: `${runbooks}/${name}.md`,
      panel: alert.panel,
    },
  };
}

/** Recording rules that a stack has the sources for: a group for each interval. */
function recordingGroups({ stack, sources }: RuleSettings): RuleGroup[] {
  const present = new Set<string>(sources);
  const possible = recordings.filter(({ expr }) => expr.sources.every((source) => present.has(source)));
  return [...new Set(possible.map(({ interval }) => interval))].map((interval) => {
    const rules = possible
      .filter((one) => one.interval === interval)
      .map(({ record, expr }) => ({ record, expr: expr.text({ stack }), labels: { stack } }));
    if (interval === undefined) return { name: "howdah-recording", rules };
    return { name: `howdah-recording-${duration(interval)}`, interval: duration(interval), rules };
  });
}

/** All groups: those of recording rules first, then one for each area. */
export function ruleGroups(settings: RuleSettings): RuleGroup[] {
  const alerts = catalogue(settings);
  const groups = Object.keys(areas).map((area) => ({
    name: `howdah-${area}`,
    rules: alerts.filter((rule) => rule.area === area).map((rule) => alertingRule(rule, settings)),
  }));
  return [...recordingGroups(settings), ...groups].filter(({ rules }) => rules.length > 0);
}

/** A rule file of Prometheus. */
export const ruleFile = (groups: readonly RuleGroup[]): string => stringify({ groups }, { lineWidth: 0 });
