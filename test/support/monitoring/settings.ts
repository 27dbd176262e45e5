import type { Source } from "../../../components/monitoring/alerts/alert";
import type { RuleSettings } from "../../../components/monitoring/rules";
import { failoverPlan } from "../../../components/postgres/objectives";
import { collectorMetrics } from "../../../contracts/metrics/collector";
import { targetLabels } from "../../../contracts/metrics/others";
import { supportEnds } from "../../../contracts/postgres-versions";
import { stack } from "./waves";

/** Every source that there is. */
export const allSources = [
  ...new Set<Source>([
    ...Object.values(collectorMetrics).map(({ set }) => set),
    ...(Object.keys(targetLabels) as (keyof typeof targetLabels)[]),
  ]),
];

/** A stack of three servers with the objectives of an empty config, and everything to scrape. */
export const ruleSettings: RuleSettings = {
  stack,
  rto: 30,
  rpo: 0,
  plan: failoverPlan({ rto: "30 seconds", rpo: "0 seconds" }, 2),
  servers: 3,
  cpus: 2,
  availability: 0.999,
  latency: 0.1,
  sources: allSources,
  supportEnds,
  targets: { collector: 1, patroni: 3, etcd: 3, haproxy: 1, node: 1, prometheus: 1, alertmanager: 1 },
};
