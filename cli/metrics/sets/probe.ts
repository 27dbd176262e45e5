import { Histogram, Registry } from "prom-client";
import type { Probe } from "../../../contracts/collector";
import { collectorMetrics } from "../../../contracts/metrics/collector";
import { messageOf } from "../../../lib/errors";
import { repeat, within } from "../../../lib/retry";
import { sessionClient } from "../../../lib/sql/session";
import { readText } from "../../../lib/system/files";
import type { Collecting } from "../collector";
import type { SeriesOf } from "../series";

/** Seconds between two probes of a route. */
const interval = 5;
/** Milliseconds after which a probe has failed. */
const timeout = 4000;

/** Seconds; around the 100 ms that an alert looks at. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

type Route = "read-write" | "read-only";

/**
 * As for `make status`: a message in the WAL is a commit like any other, which leaves no row and needs no right on a table. PgBouncer
 * refuses options of a connection, so the names are full ones.
 */
const statements: Readonly<Record<Route, string>> = {
  // A server in recovery says so, instead of failing: that is how a wrong route is seen.
  "read-write":
    "SELECT pg_catalog.pg_is_in_recovery() AS recovery, CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_logical_emit_message(true, 'howdah', 'probe') END",
  "read-only": "SELECT pg_catalog.pg_is_in_recovery() AS recovery",
};

/** Tries one route as an application does. @returns whether the server is in recovery @throws if it does not work in time */
async function attempt(probe: Probe, route: Route): Promise<boolean> {
  const [ca, password] = await Promise.all([readText(probe.authority), readText(probe.passwordFile)]);
  const client = sessionClient({
    host: probe.host,
    port: probe.port,
    user: probe.user,
    password: password.trim(),
    database: route === "read-write" ? probe.readWrite : probe.readOnly,
    ssl: { ca },
    options: undefined,
    application_name: "howdah probe",
  });
  const work = async (): Promise<boolean> => {
    await client.connect();
    const { rows } = await client.query<{ recovery: boolean }>(statements[route]);
    return rows[0]?.recovery === true;
  };
  try {
    return await within(timeout, work());
  } finally {
    client.connection.stream.destroy();
  }
}

interface Tally {
  attempts: number;
  failures: number;
  success: boolean;
  lastSuccess: number | undefined;
  recovery: boolean | undefined;
}

function seriesOf(tallies: ReadonlyMap<Route, Tally>): SeriesOf<"probe"> {
  const each = (value: (tally: Tally) => number | undefined) =>
    [...tallies].flatMap(([route, tally]) => {
      const figure = value(tally);
      return figure === undefined ? [] : [[{ route }, figure] as const];
    });
  return {
    howdah_probe_success: each(({ success }) => Number(success)),
    howdah_probe_attempts_total: each(({ attempts }) => attempts),
    howdah_probe_failures_total: each(({ failures }) => failures),
    howdah_probe_last_success_timestamp_seconds: each(({ lastSuccess }) => lastSuccess),
    howdah_probe_in_recovery: each(({ recovery }) => (recovery === undefined ? undefined : Number(recovery))),
  };
}

/** Probes both routes until the signal. @returns a registry with the durations */
export function probing(probe: Probe, how: Collecting): { readonly registry: Registry; readonly done: Promise<void> } {
  const registry = new Registry();
  const name = "howdah_probe_duration_seconds";
  const { help, labels } = collectorMetrics[name];
  const durations = new Histogram({ name, help, labelNames: [...labels], buckets, registers: [registry] });
  const tallies = new Map<Route, Tally>();
  const round = (route: Route) => async (): Promise<number> => {
    const start = performance.now();
    const tally = tallies.get(route) ?? {
      attempts: 0,
      failures: 0,
      success: false,
      lastSuccess: undefined,
      recovery: undefined,
    };
    tallies.set(route, tally);
    tally.attempts++;
    try {
      tally.recovery = undefined;
      tally.recovery = await attempt(probe, route);
      if (route === "read-write" && tally.recovery)
        throw new Error("the read-write route leads to a server in recovery");
      tally.success = true;
      tally.lastSuccess = Date.now() / 1000;
      durations.observe({ route }, (performance.now() - start) / 1000);
    } catch (error) {
      tally.success = false;
      tally.failures++;
      how.note(`probe, ${route}: ${messageOf(error)}`);
    }
    const duration = (performance.now() - start) / 1000;
    // A probe that fails is a result, and no failure of the set.
    how.results.add({ set: "probe", server: "", database: "", interval, duration, series: seriesOf(tallies) });
    return Math.max(0, interval * 1000 - duration * 1000);
  };
  const routes = ["read-write", "read-only"] as const;
  const done = Promise.all(routes.map((route) => repeat(round(route), how.signal))).then(() => undefined);
  return { registry, done };
}
