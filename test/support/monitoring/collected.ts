import { Node } from "../../../cli/metrics/node";
import { Results } from "../../../cli/metrics/results";
import type { Series } from "../../../cli/metrics/series";
import { sqlSets } from "../../../cli/metrics/sets/sql";
import type { SqlSet } from "../../../cli/metrics/sql-set";
import type { CollectorMetric } from "../../../contracts/metrics/collector";
import { waitFor } from "../../../lib/retry";

/** What the collector has found on one server. */
export interface Collection {
  readonly all: readonly Series[];
  /** What it had to say. */
  readonly notes: readonly string[];
}

/** Samples of a metric, with their labels. */
export const samplesOf = (
  all: readonly Series[],
  name: CollectorMetric,
): (readonly [Record<string, string>, number])[] =>
  all.flatMap((series) => (series[name] ?? []) as (readonly [Record<string, string>, number])[]);

/** Login of the collector in tests. */
export const monitoringRole = "howdah_monitoring";

/**
 * Collects until every set has been collected once, and `enough` says so.
 * @param at a server with the login and a database `shop`
 */
export async function collected(
  at: { readonly host: string; readonly port: number },
  sets: readonly SqlSet[] = sqlSets,
  enough: (all: readonly Series[]) => boolean = (all) => all.at(-1)?.howdah_collector_up?.length === sets.length,
): Promise<Collection> {
  const results = new Results();
  const notes: string[] = [];
  const connection = () => Promise.resolve({ host: at.host, port: at.port, user: monitoringRole });
  const settings = { name: "node1", connection, home: "postgres", databases: ["shop"] };
  const node = new Node(settings, sets, { results, note: (text) => notes.push(text) });
  const end = new AbortController();
  const running = node.collect(end.signal);
  const found = await waitFor(() => Promise.resolve(enough(results.series()) ? true : undefined), {
    timeout: 30_000,
    interval: 20,
  });
  end.abort();
  await running;
  if (found === undefined) throw new Error(`the collector was not done in 30 s: ${notes.join("; ")}`);
  return { all: results.series(), notes };
}
