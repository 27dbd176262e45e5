import type { CollectorMetric, SetName } from "../../contracts/metrics/collector";
import { Cap, RestOfCounters } from "./cap";
import type { LabelOf } from "../../contracts/metrics/metrics";
import { definitionOf, type MetricOf, type Sample, type Series, type SeriesOf } from "./series";

/** What a set's SQL depends on. */
export interface ServerFacts {
  /** `server_version_num`, such as 150012. */
  readonly version: number;
  /** Schema, in quotes, and version of pg_stat_statements in this database; undefined if it is not there or not loaded. */
  readonly statements: { readonly schema: string; readonly version: number } | undefined;
  /** Databases among which the places of tables and indexes are divided. */
  readonly databases: number;
}

/** Rows of a query that get series of their own. */
interface Places {
  readonly limit: number;
  /** Metric that ranks them. */
  readonly by: CollectorMetric;
  /** Labels of one more row for the rest, the others as they are. Default: the rest is left out. */
  readonly rest?: Readonly<Record<string, string>>;
}

/** One SELECT: an expression for each label and each metric. */
export interface Query {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
  /** What follows FROM. */
  readonly from: string;
  /** What precedes SELECT. */
  readonly with?: string;
  readonly places?: Places;
  /** Clients choose this label's values: those beyond the limit become `other`. */
  readonly limited?: { readonly label: string; readonly limit: number };
}

/** Metrics of a set that have exactly these labels, apart from `server`, which every series of a server gets. */
type Fitting<Set extends SetName, Label extends string> = {
  [Name in MetricOf<Set>]: [Exclude<LabelOf<Name>, "server">] extends [Label]
    ? [Label] extends [Exclude<LabelOf<Name>, "server">]
      ? Name
      : never
    : never;
}[MetricOf<Set>];

interface TypedQuery<Set extends SetName, Label extends string> extends Omit<Query, "labels" | "values"> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly values: Readonly<Partial<Record<Fitting<Set, Label>, string>>>;
}

/** Makes queries of a set: what is not in the catalogue under this set, or has other labels there, does not compile. */
export const queriesOf =
  <Set extends SetName>() =>
  <const Label extends string = never>(query: TypedQuery<Set, Label>): Query =>
    query as unknown as Query;

/** A set that SQL fills. */
export interface SqlSet {
  readonly name: SetName;
  /** Seconds between two collections. */
  readonly interval: number;
  /** Where it runs: once a server, in each database of the configuration, or in the first of these. */
  readonly scope: "server" | "database" | "first database";
  /** An expression that is false if the server cannot fill the set, which is no failure then. */
  readonly when?: string;
  readonly queries: (facts: ServerFacts) => readonly Query[];
  /** What it fills if it cannot run. */
  readonly failed?: (server: string) => Series;
}

export const defineSqlSet = <const Set extends SetName>(
  set: Omit<SqlSet, "name" | "failed"> & { readonly name: Set; readonly failed?: (server: string) => SeriesOf<Set> },
): SqlSet => set;

/** 1 if a condition holds, else 0. */
export const flag = (condition: string): string => `CASE WHEN ${condition} THEN 1 ELSE 0 END`;
/** Seconds of an interval, or since the epoch. */
export const epoch = (expression: string): string => `extract(epoch FROM ${expression})`;

/** True for the login of a cloud's service, which no config can change. Other servers have no such database. */
export const isServices = (login: string): string =>
  `${login} IN ('rdsadmin', 'rdstopmgr', 'rdswriteforwarduser') AND EXISTS (SELECT FROM pg_database WHERE datname = 'rdsadmin')`;

/** SQL of a query. Labels come back as text, values as double precision. */
export function textOf({ labels, values, from, with: before }: Query): string {
  const columns = [
    ...Object.values(labels).map((expression, at) => `(${expression})::text AS l${at}`),
    ...Object.values(values).map((expression, at) => `(${expression})::float8 AS v${at}`),
  ];
  return `${before === undefined ? "" : `WITH ${before} `}SELECT ${columns.join(", ")} FROM ${from}`;
}

/** A row of a query's answer. */
interface Row {
  readonly labels: readonly string[];
  readonly values: readonly (number | null)[];
}

const rowOf =
  ({ labels, values }: Query) =>
  (found: Readonly<Record<string, unknown>>): Row => ({
    labels: Object.keys(labels).map((_, at) => (found[`l${at}`] as string | null) ?? ""),
    values: Object.keys(values).map((_, at) => found[`v${at}`] as number | null),
  });

const keyOf = (labels: readonly string[]): string => JSON.stringify(labels);

/** Of several rows that became one, ages and flags are the largest one's; the rest is added. */
const isLargest = (name: string): boolean =>
  definitionOf(name as CollectorMetric).unit !== undefined && !isCounter(name);
const isCounter = (name: string): boolean => definitionOf(name as CollectorMetric).type === "counter";
/** What can be added up to a figure for the rest. */
const adds = (name: string): boolean => {
  const { type, unit } = definitionOf(name as CollectorMetric);
  return type === "counter" || unit === undefined || unit === "bytes" || unit === "blocks";
};

const added = (names: readonly string[], a: Row["values"], b: Row["values"]): Row["values"] =>
  names.map((name, at) => {
    const [one, other] = [a[at] ?? null, b[at] ?? null];
    if (one === null || other === null) return one ?? other;
    return isLargest(name) ? Math.max(one, other) : one + other;
  });

/** Turns the answers of one query into series; remembers which rows have places. */
export class Reader {
  private readonly limited: Cap | undefined;
  private readonly places: Cap | undefined;
  private readonly rest = new RestOfCounters();

  constructor(
    private readonly query: Query,
    now: () => number = Date.now,
  ) {
    this.limited = query.limited && new Cap(query.limited.limit, now);
    this.places = query.places && new Cap(query.places.limit, now);
  }

  /** @param added labels of every sample */
  read(found: readonly Readonly<Record<string, unknown>>[], own: Readonly<Record<string, string>>): Series {
    const rows = this.placed(this.merged(found.map(rowOf(this.query))));
    const labelNames = Object.keys(this.query.labels);
    const series = Object.keys(this.query.values).map((name, at): [string, Sample[]] => [
      name,
      rows.flatMap(({ labels, values }): Sample[] => {
        const value = values[at];
        if (value === null || value === undefined || !Number.isFinite(value)) return [];
        const named = Object.fromEntries(labelNames.map((label, place) => [label, labels[place] ?? ""]));
        return [[{ ...own, ...named } as Sample[0], value]];
      }),
    ]);
    return Object.fromEntries(series);
  }

  private merged(rows: readonly Row[]): readonly Row[] {
    const { limited, values } = this.query;
    if (limited === undefined || this.limited === undefined) return rows;
    const place = Object.keys(this.query.labels).indexOf(limited.label);
    const names = Object.keys(values);
    const counts = new Map<string, number>();
    for (const { labels } of rows) counts.set(labels[place] ?? "", (counts.get(labels[place] ?? "") ?? 0) + 1);
    const kept = this.limited.pick([...counts].map(([key, weight]) => ({ key, weight })));
    const joined = new Map<string, Row>();
    for (const row of rows) {
      const labels = row.labels.map((label, at) => (at !== place || kept.has(label) ? label : "other"));
      const before = joined.get(keyOf(labels));
      joined.set(keyOf(labels), { labels, values: before ? added(names, before.values, row.values) : row.values });
    }
    return [...joined.values()];
  }

  private placed(rows: readonly Row[]): readonly Row[] {
    const { places } = this.query;
    if (places === undefined || this.places === undefined) return rows;
    const names = Object.keys(this.query.values);
    const by = names.indexOf(places.by);
    const candidates = rows.map(({ labels, values }) => ({ key: keyOf(labels), weight: values[by] ?? 0 }));
    const kept = this.places.pick(candidates);
    const apart = rows.filter(({ labels }) => kept.has(keyOf(labels)));
    return places.rest === undefined ? apart : [...apart, ...this.restOf(rows, kept, places.rest)];
  }

  private restOf(
    rows: readonly Row[],
    kept: ReadonlySet<string>,
    rest: Readonly<Record<string, string>>,
  ): readonly Row[] {
    const names = Object.keys(this.query.values);
    const figures = new Map(rows.map(({ labels, values }) => [keyOf(labels), values.map((value) => value ?? 0)]));
    const counters = this.rest.add(figures, (key) => kept.has(key));
    const others = rows.filter(({ labels }) => !kept.has(keyOf(labels)));
    const sample = rows[0];
    if (sample === undefined) return [];
    const labels = Object.keys(this.query.labels).map((label, at) => rest[label] ?? sample.labels[at] ?? "");
    const values = names.map((name, at) => {
      if (!adds(name)) return null;
      if (isCounter(name)) return counters[at] ?? 0;
      return others.reduce((total, row) => total + (row.values[at] ?? 0), 0);
    });
    return [{ labels, values }];
  }
}
