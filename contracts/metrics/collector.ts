import { activityMetrics } from "./collector/activity";
import { bufferMetrics } from "./collector/buffers";
import { objectMetrics } from "./collector/objects";
import { poolerMetrics } from "./collector/pooler";
import { serverMetrics } from "./collector/server";
import { stackMetrics } from "./collector/stack";
import type { MetricDefinition } from "./definition";

/**
 * What `howdah serve-metrics` exports. Names and labels are those of postgres_exporter 0.20, pgbouncer_exporter 0.11 and
 * pgbackrest_exporter for what these have, so that public rules and dashboards work; `howdah_*` for the rest. Every series of a server
 * has the label `server`, the name of its node. A label that does not apply is empty, which for Prometheus is the same as absent.
 */
export const collectorMetrics = {
  ...serverMetrics,
  ...activityMetrics,
  ...bufferMetrics,
  ...objectMetrics,
  ...poolerMetrics,
  ...stackMetrics,
} as const satisfies Record<string, MetricDefinition>;

export type CollectorMetric = keyof typeof collectorMetrics;
export type SetName = (typeof collectorMetrics)[CollectorMetric]["set"];

/** Every set of metrics, in the order of the catalogue. */
export const setNames: readonly SetName[] = [...new Set(Object.values(collectorMetrics).map(({ set }) => set))];
