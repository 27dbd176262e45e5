import { setNames } from "../../../../contracts/metrics/collector";
import { type Program, targetLabels } from "../../../../contracts/metrics/others";
import { probedDatabase } from "../../../capacity/connections";
import type { Source } from "../../../monitoring/alerts/alert";
import { ruleSettingsOf } from "../../../monitoring/rule-settings";
import type { RuleSettings } from "../../../monitoring/rules";
import type { PlatformInput } from "../../../ports/platform";
import type { Layout } from "../layout";

/** What the alerts of a local stack follow from: its collector has every set, and every program is scraped. */
export function ruleSettings({ nodes, etcd }: Layout, input: PlatformInput): RuleSettings {
  const all: readonly Source[] = [...setNames, ...(Object.keys(targetLabels) as Program[])];
  return ruleSettingsOf(input, {
    servers: nodes.length,
    sources: all.filter((source) => source !== "probe" || probedDatabase(input.databases) !== undefined),
    targets: {
      collector: 1,
      patroni: nodes.length,
      etcd: etcd.length,
      haproxy: 1,
      node: 1,
      prometheus: 1,
      alertmanager: 1,
    },
  });
}
