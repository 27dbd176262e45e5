/** Units of values, in the base units of Prometheus except where another exporter's metric has its own. */
export type Unit =
  "seconds" | "milliseconds" | "timestamp" | "bytes" | "blocks" | "ratio" | "transactions" | "info" | "boolean";

/** One metric: what it means, its labels, and who exports it. */
export interface MetricDefinition {
  readonly type: "gauge" | "counter" | "histogram";
  /** One sentence for Prometheus' HELP line. */
  readonly help: string;
  /** Default: a plain number. `timestamp` is seconds since the epoch, `boolean` 0 or 1, `info` always 1. */
  readonly unit?: Unit;
  readonly labels: readonly string[];
  /** Set of our collector, or the program that exports it. */
  readonly set: string;
}

interface Spec<Type extends MetricDefinition["type"]> {
  readonly type: Type;
  readonly help: string;
  readonly unit?: Unit;
}

const spec =
  <Type extends MetricDefinition["type"]>(type: Type) =>
  (help: string, unit?: Unit): Spec<Type> => ({ type, help, ...(unit === undefined ? {} : { unit }) });

export const gauge = spec("gauge");
export const counter = spec("counter");
export const histogram = spec("histogram");

/** Metrics of one set, or of one program, that have the same labels. */
export const group = <
  const Set extends string,
  const Labels extends readonly string[],
  Specs extends Readonly<Record<string, Spec<MetricDefinition["type"]>>>,
>(
  set: Set,
  labels: Labels,
  specs: Specs,
): { readonly [Name in keyof Specs]: Specs[Name] & { readonly labels: Labels; readonly set: Set } } =>
  Object.fromEntries(Object.entries(specs).map(([name, one]) => [name, { ...one, labels, set }])) as never;
