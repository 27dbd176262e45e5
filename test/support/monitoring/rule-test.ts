import { stringify } from "yaml";
import { severities, type Severity } from "../../../components/monitoring/alerts/alert";
import { type AlertName, type AlertRule, catalogue } from "../../../components/monitoring/catalogue";
import type { Expression } from "../../../components/monitoring/expression";
import { recordings } from "../../../components/monitoring/recording";
import { type Rule, ruleFile, ruleGroups, type RuleSettings } from "../../../components/monitoring/rules";
import type { Case } from "./cases/case";
import { cases } from "./cases/cases";
import { ruleSettings } from "./settings";
import { waits } from "./waits";
import { type Phases, samples, stack } from "./waves";

/** A level of an alert with what makes it fire. */
export interface LevelCase {
  readonly name: AlertName;
  readonly severity: Severity;
  readonly one: Case;
}

export const levelCases: readonly LevelCase[] = Object.entries(cases).flatMap(([name, levels]) =>
  severities.flatMap((severity) => {
    const one = (levels as Partial<Record<Severity, Case>>)[severity];
    return one === undefined ? [] : [{ name: name as AlertName, severity, one }];
  }),
);

/** Recording rules that an expression reads, directly or not. */
function recordsOf(expression: Expression): string[] {
  const own = expression.records;
  return [...own, ...recordings.filter(({ record }) => own.includes(record)).flatMap(({ expr }) => recordsOf(expr))];
}

/** Seconds that it looks back, with the rules that it reads. */
const lookBack = (expression: Expression): number =>
  expression.window +
  Math.max(
    0,
    ...recordings.filter(({ record }) => recordsOf(expression).includes(record)).map(({ expr }) => expr.window),
  );

/** Seconds between two samples: `for` is a multiple of it, and ranges hold some. */
function stepOf(wait: number, window: number): number {
  const longest = Math.max(15, Math.min((wait + window) / 40, 240));
  return [240, 120, 60, 30, 15, 10, 5].find((step) => step <= longest && wait % step === 0) ?? 5;
}

/** Text of an annotation. @throws if it names a label that the alert does not have */
const filled = (text: string, labels: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => {
    const found = labels[label];
    if (found === undefined)
      throw new Error(`"${text}": the alert has no label ${label}, only ${Object.keys(labels).join(", ")}`);
    return found;
  });

/** The value of an alert is in no test: it says what the threshold was compared with, in many digits. */
function withoutValue(rule: Rule): Rule {
  const others = Object.entries(rule.annotations ?? {}).filter(([name]) => name !== "value");
  return { ...rule, annotations: Object.fromEntries(others) };
}

export interface RuleTest {
  readonly rules: string;
  readonly test: string;
}

/** Seconds that a level has to wait, and to go on. */
function waitOf({ name, severity }: LevelCase): { readonly wait: number; readonly keep: number | undefined } {
  const levels: Readonly<Partial<Record<Severity, number | readonly [number, number]>>> = waits[name];
  const found = levels[severity] ?? 0;
  return typeof found === "number" ? { wait: found, keep: undefined } : { wait: found[0], keep: found[1] };
}

interface Plan {
  readonly step: number;
  readonly phases: Phases;
}

function planOf(level: LevelCase, { expr }: AlertRule): Plan {
  const { quietFor, loudFor, afterFor } = level.one;
  const { wait, keep = 0 } = waitOf(level);
  const window = lookBack(expr);
  const step = stepOf(wait, window);
  const count = (seconds: number): number => Math.ceil(seconds / step) + 4;
  return {
    step,
    phases: {
      quiet: count(quietFor ?? window + wait),
      loud: count(loudFor ?? window + wait),
      after: count(afterFor ?? window + keep),
    },
  };
}

/** What promtool has to find: silence one step below the threshold, the alert above it after `for`, and silence again. */
function testOf(level: LevelCase, rule: AlertRule): object {
  const { name, severity, one } = level;
  const { step, phases } = planOf(level, rule);
  const { quiet, loud, after } = phases;
  const at = (sample: number): string => `${sample * step}s`;
  const { nature, summary, panel } = rule.alert;
  const labels = { stack, severity, nature, area: rule.area, ...one.labels };
  const runbook = `docs/runbooks/${name}.md`;
  const firing = {
    exp_labels: labels,
    exp_annotations: { summary: filled(summary, labels), runbook_url: runbook, panel },
  };
  const expect = (sample: number, fires: boolean) => ({
    eval_time: at(sample),
    alertname: name,
    exp_alerts: fires || one.always === true ? [firing] : [],
  });
  const pending = `sum(count_over_time(ALERTS{alertstate="pending"}[${(loud - 1) * step}s]))`;
  const { wait, keep } = waitOf(level);
  const waited = wait / step;
  return {
    interval: `${step}s`,
    input_series: one.series.map((wave) => ({ series: wave.series, values: samples(wave, phases, step) })),
    alert_rule_test: [
      expect(quiet - 1, false),
      expect(quiet + loud - 1, true),
      ...(keep === undefined ? [] : [expect(quiet + loud - 1 + keep / step - 1, true)]),
      expect(quiet + loud + after - 1, false),
    ],
    promql_expr_test: [
      {
        expr: pending,
        eval_time: at(quiet + loud - 1),
        exp_samples: waited === 0 ? [] : [{ labels: "{}", value: waited }],
      },
    ],
  };
}

/** All rules, in both forms. */
const allRules = (settings: RuleSettings) => ({
  alerts: catalogue(settings),
  rendered: ruleGroups(settings).flatMap(({ rules }) => rules),
});
/** Those of most cases. */
const usual = allRules(ruleSettings);

/** The rule of a level, alone with the recording rules that it reads, and the test of it. @param file name of the rule file */
export function ruleTest(level: LevelCase, file: string): RuleTest {
  const { name, severity, one } = level;
  const { alerts, rendered } = one.settings === undefined ? usual : allRules({ ...ruleSettings, ...one.settings });
  const rule = alerts.find((each) => each.name === name && each.severity === severity);
  if (rule === undefined) throw new Error(`no rule of ${name} with severity ${severity}`);
  const records = recordsOf(rule.expr);
  const own = rendered
    .filter(({ alert, labels }) => alert === name && labels?.["severity"] === severity)
    .map(withoutValue);
  const read = rendered.filter(({ record }) => record !== undefined && records.includes(record));
  const tests = [testOf(level, rule)];
  return {
    rules: ruleFile([{ name: stack, rules: [...read, ...own] }]),
    test: stringify(
      { rule_files: [file], evaluation_interval: `${planOf(level, rule).step}s`, tests },
      { lineWidth: 0 },
    ),
  };
}
