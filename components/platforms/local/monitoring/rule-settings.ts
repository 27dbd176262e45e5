import { collectorMetrics } from "../../../../contracts/metrics/collector";
import { type Program, targetLabels } from "../../../../contracts/metrics/others";
import { supportEnds } from "../../../../contracts/postgres-versions";
import { probedDatabase } from "../../../capacity/connections";
import { toSeconds } from "../../../../lib/values";
import type { Source } from "../../../monitoring/alerts/alert";
import type { RuleSettings } from "../../../monitoring/rules";
import type { PlatformInput } from "../../../ports/platform";
import type { Layout } from "../layout";

/** What a local stack is measured by; a config has no objectives for these yet. */
const usual = {
  /** Share of the probes that succeed: 43 minutes a month. */
  availability: 0.999,
  /** Seconds: a transaction of one row on one machine takes a hundredth of it. */
  latency: 0.1,
} as const;

/** What the alerts of a local stack follow from: its collector has every set, and every program is scraped. */
export function ruleSettings(layout: Layout, input: PlatformInput): RuleSettings {
  const { nodes, etcd, stack } = layout;
  const { objectives, plan, postgres } = input;
  return {
    stack,
    rto: toSeconds(objectives.rto),
    rpo: toSeconds(objectives.rpo),
    plan,
    servers: nodes.length,
    cpus: postgres.cpus,
    ...usual,
    sources: [
      ...new Set<Source>([
        ...Object.values(collectorMetrics).map(({ set }) => set),
        ...(Object.keys(targetLabels) as Program[]),
      ]),
    ].filter((source) => source !== "probe" || probedDatabase(input.databases) !== undefined),
    supportEnds,
    targets: {
      collector: 1,
      patroni: nodes.length,
      etcd: etcd.length,
      haproxy: 1,
      node: 1,
      prometheus: 1,
      alertmanager: 1,
    },
  };
}
