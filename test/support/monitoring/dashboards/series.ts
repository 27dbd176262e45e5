import { labelsOf } from "../../../../components/monitoring/expression";
import { recordings } from "../../../../components/monitoring/recording";
import { type MetricName, metrics } from "../../../../contracts/metrics/metrics";
import type { Selected } from "./promql";

type Labels = Readonly<Record<string, string>>;

/** Labels of recorded series: those that their expressions keep. */
const recordedLabels: Readonly<Record<string, readonly string[]>> = {
  stack: [],
  host: ["host"],
  server: ["server"],
  database: ["server", "datname"],
  statement: ["server", "datname", "user", "queryid"],
};

/** PgBouncer's databases. */
const pooled = ["database"] as const;

const own = (name: string): readonly string[] => {
  if (!name.includes(":")) return labelsOf(name.replace(/_bucket$/, "") as MetricName);
  const recording = recordings.find(({ record }) => record === name);
  const level = name.slice(0, name.indexOf(":"));
  return recording?.expr.labels.includes("datname") !== true && level === "database"
    ? pooled
    : (recordedLabels[level] ?? []);
};

/** A value that a matcher lets through. */
function valueOf(matcher: string): readonly [string, string] {
  const [, label = "", operator = "", text = ""] = /^(\w+)(=~|!~|!=|=)"(.*)"$/.exec(matcher) ?? [];
  if (operator.startsWith("!")) return [label, "x"];
  return [label, operator === "=~" ? (text.split("|")[0] ?? "").replaceAll("\\", "") : text];
}

/** Those that are the same for all series of a source: the address follows from the server. */
const common = ["stack", "job", "instance"];

/** Series that a selector finds: one with `x` for each label, and one more for each label that it leaves open. */
function labelSets({ name, matchers }: Selected): Labels[] {
  const fixed = Object.fromEntries(matchers.map(valueOf));
  const base: Labels = { ...Object.fromEntries([...own(name), "stack"].map((label) => [label, "x"])), ...fixed };
  const isOpen = (label: string): boolean =>
    !common.includes(label) && !matchers.some((matcher) => matcher.startsWith(`${label}=`) && !matcher.includes('"x"'));
  const others = Object.keys(base).filter(isOpen);
  return [
    base,
    ...others.map((label) => ({ ...base, [label]: "y", ...(label === "server" ? { instance: "y" } : {}) })),
  ];
}

/** Values of gauges that are not 1: what a panel shows is there only then. */
const gauges: Readonly<Record<string, string>> = {
  pg_replication_is_replica: "0",
  pg_settings_server_version_num: "160004",
  // A disk that fills.
  node_filesystem_avail_bytes: "1000000-1",
};

const bucketLimits = ["0.1", "1", "+Inf"] as const;

/** Series of promtool that the selectors find something in. @param samples of each */
export function seriesFor(selectors: readonly Selected[], samples: number): { series: string; values: string }[] {
  const found = new Map<string, string>();
  const add = (name: string, labels: Labels, start: string): void => {
    const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
    found.set(`${name}{${sorted.map(([label, value]) => `${label}="${value}"`).join(",")}}`, `${start}x${samples}`);
  };
  for (const selector of selectors)
    for (const labels of labelSets(selector)) {
      const { name } = selector;
      const definition = metrics[name as MetricName] as { readonly type: string } | undefined;
      if (name.endsWith("_bucket"))
        for (const [at, le] of bucketLimits.entries()) add(name, { ...labels, le }, `0+${at + 1}`);
      else add(name, labels, gauges[name] ?? (definition?.type === "counter" ? "0+1" : "1"));
    }
  return [...found].map(([series, values]) => ({ series, values }));
}
