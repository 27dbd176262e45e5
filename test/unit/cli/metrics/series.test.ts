import fc from "fast-check";
import { Counter, Gauge, Registry } from "prom-client";
import { definitionOf, renderText, type Series } from "../../../../cli/metrics/series";
import { type CollectorMetric, collectorMetrics } from "../../../../contracts/metrics/collector";

const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 });
const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("\\", '"', "\n", "a", "ä", "{", ",") }));

/** A histogram has several series, which prom-client itself writes for the probe. */
const names = (Object.keys(collectorMetrics) as CollectorMetric[]).filter(
  (name) => definitionOf(name).type !== "histogram",
);

/** Samples of one metric, with different labels each. */
const metric = fc.constantFrom(...names).chain((name) => {
  const { labels } = definitionOf(name);
  const sample = fc.tuple(fc.record(Object.fromEntries(labels.map((label) => [label, text]))), value);
  const samples = fc.uniqueArray(sample, { selector: ([own]) => JSON.stringify(own), maxLength: 5 });
  return samples.map((all) => [name, all] as const);
});

const metrics = fc.uniqueArray(metric, { selector: ([name]) => name, maxLength: 5 });

const withoutEmpty = (labels: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(labels).filter(([, one]) => one !== ""));

/** What prom-client makes of the same, without its blank lines; in the catalogue's order. */
async function reference(all: Readonly<Record<string, readonly (readonly [Record<string, string>, number])[]>>) {
  const registry = new Registry();
  for (const name of names) {
    const samples = all[name] ?? [];
    if (samples.length === 0) continue;
    const { type, help, labels } = definitionOf(name);
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    const one = type === "counter" ? new Counter(options) : new Gauge(options);
    for (const [own, figure] of samples) one.inc(withoutEmpty(own), figure);
  }
  return (await registry.metrics()).replace(/\n\n+/g, "\n");
}

test("the text is what prom-client writes, whatever the labels and values", async () => {
  await fc.assert(
    fc.asyncProperty(metrics, async (all) => {
      const series = Object.fromEntries(all);
      const expected = all.some(([, samples]) => samples.length > 0) ? await reference(series) : "";
      expect(renderText([series as Series])).toBe(expected);
    }),
  );
});

test("several series of one metric are joined, and numbers that are none are spelled as Prometheus does", () => {
  const at = (server: string, figure: number): Series => ({ pg_up: [[{ server }, figure]] });
  const lines = renderText([at("a", 1), at("b", NaN), at("c", Infinity), at("", -Infinity)]).split("\n");
  expect(lines).toEqual([
    expect.stringMatching(/^# HELP pg_up 1 if the server /),
    "# TYPE pg_up gauge",
    'pg_up{server="a"} 1',
    'pg_up{server="b"} NaN',
    'pg_up{server="c"} +Inf',
    "pg_up -Inf",
    "",
  ]);
});
