import { type LabelOf, type MetricName, metrics } from "../../contracts/metrics/metrics";
import { commonLabels, targetLabels } from "../../contracts/metrics/others";

/** Metrics that have buckets. */
export type HistogramName = {
  [Name in MetricName]: (typeof metrics)[Name]["type"] extends "histogram" ? Name : never;
}[MetricName];

/** Labels that the scrape configuration gives the series of a metric. */
type TargetLabelOf<Name extends MetricName> =
  | (typeof commonLabels)[number]
  | ((typeof metrics)[Name]["set"] extends infer Set extends keyof typeof targetLabels
      ? (typeof targetLabels)[Set][number]
      : never);

/** Labels of a metric's series. */
export type SeriesLabel<Name extends MetricName> = LabelOf<Name> | TargetLabelOf<Name>;

/** Labels of a metric's series. */
export function labelsOf(name: MetricName): string[] {
  const { labels, set } = metrics[name];
  const ofTarget: Readonly<Record<string, readonly string[]>> = targetLabels;
  return [...commonLabels, ...(ofTarget[set] ?? []), ...labels];
}

/** What a label has to be: a text, any of some texts, none of them, or what a regular expression matches. */
export type Matcher =
  string | readonly string[] | { readonly not: string | readonly string[] } | { readonly matches: string };
type Matchers<Label extends string> = { readonly [Key in Label]?: Matcher };

/** Labels that every selector gets when an expression is rendered, such as the stack. */
export type Scope = Readonly<Record<string, Matcher>>;

/** Ranges that Grafana fills in: one for rates, of at least four scrapes and one pixel, and the period that is shown. */
export type PanelRange = "$__rate_interval" | "$__range";

/** The name of a recorded series: an expression that Prometheus evaluates once for all who read it. */
export interface Recorded {
  readonly record: string;
  readonly expr: Expression;
  /** Seconds between two evaluations, if it reads so much that they are rarer than Prometheus' own. */
  readonly interval?: number;
}

const { day, hour, minute } = { day: 86_400, hour: 3_600, minute: 60 };
/** Seconds of so many minutes, hours or days. */
export const minutes = (count: number): number => count * minute;
export const hours = (count: number): number => count * hour;
export const days = (count: number): number => count * day;

/** Seconds in Prometheus' notation: `"90s"`, `"5m"`, `"1d"`. @throws for anything but whole, positive seconds */
export function duration(seconds: number): string {
  if (!Number.isSafeInteger(seconds) || seconds <= 0) throw new Error(`no duration: ${seconds} s`);
  if (seconds % day === 0) return `${seconds / day}d`;
  if (seconds % hour === 0) return `${seconds / hour}h`;
  return seconds % minute === 0 ? `${seconds / minute}m` : `${seconds}s`;
}

const quoted = (text: string): string => JSON.stringify(text);
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
const anyOf = (texts: readonly string[]): string => quoted(texts.map(escaped).join("|"));

function matcherText([label, matcher]: readonly [string, Matcher]): string {
  if (typeof matcher === "string") return `${label}=${quoted(matcher)}`;
  if ("matches" in matcher) return `${label}=~${quoted(matcher.matches)}`;
  if (!("not" in matcher)) return `${label}=~${anyOf(matcher)}`;
  const { not } = matcher;
  return typeof not === "string" ? `${label}!=${quoted(not)}` : `${label}!~${anyOf(not)}`;
}

/** Series of one metric. */
export interface Selection {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  readonly labels: readonly string[];
  readonly matchers: Readonly<Record<string, Matcher | undefined>>;
  readonly range?: number | PanelRange;
  readonly offset?: number;
}

type Part = string | Selection;

function selectionText({ name, matchers, range, offset }: Selection, scope: Scope): string {
  const all = [...Object.entries(matchers), ...Object.entries(scope)].flatMap(([label, matcher]) =>
    matcher === undefined ? [] : matcherText([label, matcher]),
  );
  return [
    name,
    all.length === 0 ? "" : `{${all.join(",")}}`,
    range === undefined ? "" : `[${typeof range === "number" ? duration(range) : range}]`,
    offset === undefined ? "" : ` offset ${duration(offset)}`,
  ].join("");
}

/** A PromQL expression that knows its metrics. */
export class Expression {
  /**
   * @param inner its parts, to be built into other expressions
   * @param labels those that its series can have
   */
  constructor(
    readonly inner: readonly Part[],
    readonly labels: readonly string[],
  ) {}

  private get selections(): Selection[] {
    return this.inner.filter((part) => typeof part !== "string");
  }

  /** Metrics that it reads, recorded ones included. */
  get metrics(): MetricName[] {
    return [...new Set(this.selections.flatMap((selection) => selection.metrics))];
  }

  /** Recorded series among what it reads, by their names. */
  get records(): string[] {
    return this.selections.map(({ name }) => name).filter((name) => name.includes(":"));
  }

  /** Sets and programs that it reads from: for what Prometheus says of the targets of one job, that job. */
  get sources(): string[] {
    const of = ({ metrics: names, matchers: { job } }: Selection): string[] =>
      names.map((name) => (metrics[name].set === "targets" && typeof job === "string" ? job : metrics[name].set));
    return [...new Set(this.selections.flatMap(of))];
  }

  /** Seconds back that it reads, at most. */
  get window(): number {
    const fixed = ({ range = 0, offset = 0 }: Selection): number => (typeof range === "number" ? range : 0) + offset;
    return Math.max(0, ...this.selections.map(fixed));
  }

  /** PromQL. @param scope labels of all selectors, or of each */
  text(scope: Scope | ((selection: Selection) => Scope) = {}): string {
    const scopeOf = typeof scope === "function" ? scope : () => scope;
    return this.inner.map((part) => (typeof part === "string" ? part : selectionText(part, scopeOf(part)))).join("");
  }
}

/** An expression that is one selector. */
export class Selector extends Expression {
  constructor(private readonly selection: Selection) {
    super([selection], selection.labels);
  }

  /** The values of the last seconds, or of what a panel shows. */
  over(range: number | PanelRange): Selector {
    return new Selector({ ...this.selection, range });
  }

  /** As it was `seconds` ago. */
  ago(seconds: number): Selector {
    return new Selector({ ...this.selection, offset: seconds });
  }
}

/** Series of a metric of the catalogue. @param matchers labels of that metric or of its target */
export function metric<Name extends Exclude<MetricName, HistogramName>>(
  name: Name,
  matchers: Matchers<SeriesLabel<Name>> = {},
): Selector {
  return new Selector({ name, metrics: [name], labels: labelsOf(name), matchers });
}

/** Buckets of a histogram, with the label `le`. */
export function buckets<Name extends HistogramName>(
  name: Name,
  matchers: Matchers<SeriesLabel<Name> | "le"> = {},
): Selector {
  return new Selector({ name: `${name}_bucket`, metrics: [name], labels: ["le", ...labelsOf(name)], matchers });
}

/** Series that a recording rule makes. @param matchers labels of these */
export const recorded = ({ record, expr }: Recorded, matchers: Selection["matchers"] = {}): Selector =>
  new Selector({ name: record, metrics: expr.metrics, labels: expr.labels, matchers });

/** What PromQL knows besides names of metrics and labels. */
const words = new Set(
  [
    "sum min max avg count group stddev topk bottomk quantile by without and or unless on ignoring group_left group_right bool",
    "rate increase delta deriv predict_linear abs clamp_min clamp_max ceil floor time timestamp scalar vector absent",
    "max_over_time min_over_time avg_over_time sum_over_time count_over_time last_over_time stddev_over_time quantile_over_time",
    "changes resets histogram_quantile",
  ].flatMap((line) => line.split(" ")),
);

/** Texts between placeholders: words, labels of the metrics and operators, but no metric, number or string. */
function checkLiteral(literal: string, labels: ReadonlySet<string>): void {
  const foreign = /[^A-Za-z_\s()+\-*/%^<>=!,]/.exec(literal);
  if (foreign !== null)
    throw new Error(`PromQL "${literal}": "${foreign[0]}" has to come from a placeholder, as numbers and strings do`);
  for (const [word] of literal.matchAll(/[A-Za-z_]+/g))
    if (!words.has(word) && !labels.has(word))
      throw new Error(
        `PromQL "${literal}": ${word} is neither a word of PromQL nor a label of the metrics; write metric("${word}")`,
      );
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`PromQL: ${value} is no number to compare with`);
  // Without the noise that a product of decimal fractions ends in.
  return String(Number(value.toPrecision(12)));
}

/**
 * PromQL whose metrics, numbers and texts are placeholders: `promql\`rate(${metric("up").over(60)}) > ${limit}\``.
 * @throws if the text itself has a number, a string, a name of a metric, or a label that none of the metrics has
 */
export function promql(
  literals: TemplateStringsArray,
  ...values: readonly (number | Expression | Recorded)[]
): Expression {
  const placed = values.map((value) =>
    typeof value === "number" || value instanceof Expression ? value : recorded(value),
  );
  const labels = new Set(placed.flatMap((value) => (typeof value === "number" ? [] : value.labels)));
  const parts = literals.flatMap((literal, at): Part[] => {
    checkLiteral(literal, labels);
    const value = placed[at];
    const text = literal.replace(/\s+/g, " ");
    if (value === undefined) return [text];
    return typeof value === "number" ? [text, numberText(value)] : [text, ...value.inner];
  });
  return new Expression(parts, [...labels]);
}

const replaced = (expression: Expression, label: string, rest: readonly [string, string, string]): Expression =>
  new Expression(
    ["label_replace(", ...expression.inner, `, ${[label, ...rest].map(quoted).join(", ")})`],
    [...expression.labels, label],
  );

/** The same series with one more label. */
export const labelled = (expression: Expression, label: string, value: string): Expression =>
  replaced(expression, label, [value, "", ""]);

/** The same series with the value of a label under another name too. */
export const renamed = (expression: Expression, from: string, to: string): Expression =>
  replaced(expression, to, ["$1", from, "(.*)"]);

/** Series of any of them. */
export function union(expressions: readonly Expression[]): Expression {
  const [first, ...others] = expressions;
  if (first === undefined) throw new Error("a union of no expressions");
  return others.reduce((all, one) => promql`${all} or ${one}`, first);
}

/** Servers that accept writes. */
export const isPrimary: Expression = promql`${metric("pg_replication_is_replica")} == ${0}`;
