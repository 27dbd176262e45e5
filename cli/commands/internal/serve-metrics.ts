import { isRemoteJob } from "../../kit/find-stack";
import { defineCommand } from "../../kit/command";
import { option, withDefault } from "../../kit/options";

export const serveMetrics = defineCommand({
  name: "serve-metrics",
  group: "internal",
  summary: "Serve metrics to Prometheus (/metrics, /healthz): a local stack's, or those of a cloud's dumps and drills",
  on: ["cluster", "database"],
  options: { listen: withDefault(option("<address>", "address and port, for a cloud's dumps"), "0.0.0.0:9188") },
  run: async ({ job, context }, { listen }) => {
    if (isRemoteJob(job)) {
      const { serveDumpMetrics } = await import("../../metrics/dump-server.js");
      await serveDumpMetrics(job, listen, context);
    } else {
      const { serveCollector } = await import("../../metrics/collector.js");
      await serveCollector(job, context);
    }
    return { data: {}, text: "stopped" };
  },
});
