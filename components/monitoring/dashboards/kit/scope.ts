import type { SetName } from "../../../../contracts/metrics/collector";
import { metrics } from "../../../../contracts/metrics/metrics";
import type { Expression, Scope, Selection } from "../../expression";

/** Labels of recorded series, which are fewer than those of what they are computed from: by the first word of their names. */
const levels: Readonly<Record<string, readonly string[]>> = {
  stack: [],
  host: ["host"],
  server: ["server"],
  database: ["server", "datname", "database"],
  statement: ["server", "datname", "user", "queryid"],
};

function labelsOf({ name, labels }: Selection): readonly string[] {
  if (!name.includes(":")) return labels;
  return labels.filter((label) => levels[name.slice(0, name.indexOf(":"))]?.includes(label) === true);
}

/** Sets and programs of a selection's metrics. */
const sourcesOf = ({ metrics: names }: Selection): string[] => names.map((name) => metrics[name].set);

/** PgBouncer's `database` is one of its own databases, but for those metrics in which it is the server's and `name` its own. */
const poolLabel = (labels: readonly string[]): string => (labels.includes("name") ? "name" : "database");

/** The stack's series, narrowed to what the variables select, as far as they have its label. */
export function panelScope(selection: Selection): Scope {
  const labels = labelsOf(selection);
  const sources = sourcesOf(selection);
  const narrowed = (label: string, variable: string, applies = true): Scope =>
    applies && labels.includes(label) ? { [label]: { matches: `$${variable}` } } : {};
  return {
    stack: "$stack",
    // Only Patroni's targets have a server; those of the others would be hidden.
    ...narrowed("server", "server", !sources.includes("targets")),
    ...narrowed("datname", "database"),
    ...narrowed(poolLabel(labels), "pool", sources.includes("pooler")),
    ...narrowed("host", "host", sources.includes("node")),
  };
}

export const panelText = (expression: Expression): string => expression.text(panelScope);

/**
 * Seconds between two collections of sets for which the interval of the scrapes says nothing: in four of them, a counter that is
 * collected once an hour does not change.
 */
export const slowSets: Readonly<Partial<Record<SetName, number>>> = {
  slru: 60,
  xid: 60,
  settings: 60,
  "configuration files": 60,
  roles: 60,
  statements: 60,
  backups: 60,
  "backup runs": 60,
  repository: 60,
  drills: 60,
  size: 300,
  tables: 300,
  certificates: 300,
  indexes: 3600,
  bloat: 3600,
  sequences: 3600,
};

/** Seconds that Grafana takes for the interval of the scrapes, if its own would be too short for a rate. */
export function slowestSet(expression: Expression): number | undefined {
  if (!panelText(expression).includes("$__rate_interval")) return undefined;
  const slow: Readonly<Record<string, number>> = slowSets;
  const intervals = expression.metrics.flatMap((name) => slow[metrics[name].set] ?? []);
  return intervals.length === 0 ? undefined : Math.max(...intervals);
}
