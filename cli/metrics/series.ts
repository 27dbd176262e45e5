import { type CollectorMetric, collectorMetrics, type SetName } from "../../contracts/metrics/collector";
import type { MetricDefinition } from "../../contracts/metrics/definition";
import type { LabelOf } from "../../contracts/metrics/metrics";

type Definitions = typeof collectorMetrics;

/** Metrics that a set fills. */
export type MetricOf<Set extends SetName> = {
  [Name in CollectorMetric]: Definitions[Name]["set"] extends Set ? Name : never;
}[CollectorMetric];

export type Labels<Name extends CollectorMetric = CollectorMetric> = Readonly<Record<LabelOf<Name>, string>>;

/** One value; a label that is empty is left out. */
export type Sample<Name extends CollectorMetric = CollectorMetric> = readonly [labels: Labels<Name>, value: number];

/** Values by metric, each with all of its labels, and none that the catalogue does not have. */
export type Series<Name extends CollectorMetric = CollectorMetric> = {
  readonly [Each in Name]?: readonly Sample<Each>[];
};

export type SeriesOf<Set extends SetName> = Series<MetricOf<Set>>;

export const definitionOf = (name: CollectorMetric): MetricDefinition => collectorMetrics[name];

/** A value of a metric without labels; none if it is not known. */
export const single = (value: number | undefined): readonly Sample<"pgbouncer_up">[] =>
  value === undefined ? [] : [[{}, value]];

/** Seconds since the epoch. */
export const seconds = (iso: string): number => Date.parse(iso) / 1000;

type AnySample = readonly [labels: Readonly<Record<string, string>>, value: number];

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

/** In braces; nothing if there are none, or all are empty. */
function labelText(labels: Readonly<Record<string, string>>): string {
  let pairs = "";
  for (const name of Object.keys(labels)) {
    const value = labels[name] ?? "";
    if (value === "") continue;
    const escaped = value.replace(/[\\"\n]/g, (one) => escapes[one] ?? one);
    pairs += `${pairs === "" ? "" : ","}${name}="${escaped}"`;
  }
  return pairs === "" ? "" : `{${pairs}}`;
}

function valueText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

/**
 * Text for Prometheus, in its exposition format; a metric without values is left out. Several series of one metric are joined. Not by
 * prom-client, which keeps each sample by a hash of its labels: for thousands of them, that takes three times as long, and more memory
 * than all else.
 */
export function renderText(all: readonly Series[]): string {
  let text = "";
  for (const name of Object.keys(collectorMetrics) as CollectorMetric[]) {
    const samples = all.flatMap((series) => (series[name] ?? []) as readonly AnySample[]);
    if (samples.length === 0) continue;
    const { type, help } = definitionOf(name);
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const [labels, value] of samples) text += `${name}${labelText(labels)} ${valueText(value)}\n`;
  }
  return text;
}
