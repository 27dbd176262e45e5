import { collectorMetrics } from "./collector";
import type { MetricDefinition } from "./definition";
import { otherMetrics } from "./others";

/** Every metric that an alert, a recording rule or a panel may use. */
export const metrics = { ...collectorMetrics, ...otherMetrics } as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metrics;

/** Names of a metric's labels. */
export type LabelOf<Name extends MetricName> = (typeof metrics)[Name]["labels"][number];
