import { Counter, Gauge, Registry } from "prom-client";
import { type CollectorMetric, collectorMetrics, type SetName } from "../../contracts/metrics/collector";
import type { MetricDefinition } from "../../contracts/metrics/definition";

type Definitions = typeof collectorMetrics;

/** Metrics that a set fills. */
export type MetricOf<Set extends SetName> = {
  [Name in CollectorMetric]: Definitions[Name]["set"] extends Set ? Name : never;
}[CollectorMetric];

/** Names of a metric's labels. */
export type LabelOf<Name extends CollectorMetric> = Definitions[Name]["labels"][number];

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

const withoutEmpty = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));

type AnySample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Text for Prometheus, in its exposition format; a metric without values is left out. Several series of one metric are joined. */
export function renderText(all: readonly Series[]): Promise<string> {
  const registry = new Registry();
  for (const name of Object.keys(collectorMetrics) as CollectorMetric[]) {
    const samples = all.flatMap((series) => (series[name] ?? []) as readonly AnySample[]);
    if (samples.length === 0) continue;
    const { type, help, labels: labelNames } = definitionOf(name);
    const options = { name, help, labelNames: [...labelNames], registers: [registry] };
    if (type === "counter") {
      const metric = new Counter(options);
      for (const [labels, value] of samples) metric.inc(withoutEmpty(labels), value);
    } else {
      const metric = new Gauge(options);
      for (const [labels, value] of samples) metric.set(withoutEmpty(labels), value);
    }
  }
  return registry.metrics();
}
