import { poolerCollectorSchema } from "../../../contracts/collector";
import { defineCommand } from "../../kit/command";
import { readSettings } from "../../kit/input";
import { option, withDefault } from "../../kit/options";

export const servePoolerMetrics = defineCommand({
  name: "serve-pooler-metrics",
  group: "internal",
  summary: "Serve one PgBouncer's metrics to Prometheus (/metrics, /healthz); runs next to it",
  on: "options",
  options: { config: withDefault(option("<file>", "settings of the collector"), "/etc/howdah/metrics.json") },
  run: async ({ context }, { config }) => {
    const { serveCollector } = await import("../../metrics/collector.js");
    const { poolerCollection } = await import("../../metrics/remote.js");
    const settings = await readSettings(config, poolerCollectorSchema, "the collector's");
    await serveCollector(poolerCollection(settings), context);
    return { data: {}, text: "stopped" };
  },
});
