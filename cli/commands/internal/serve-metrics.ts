import { defineCommand } from "../../kit/command";
import { option, withDefault } from "../../kit/options";

export const serveMetrics = defineCommand({
  name: "serve-metrics",
  group: "internal",
  summary: "Serve the metrics of a cloud's dumps and drills to Prometheus (/metrics, /healthz)",
  on: ["database"],
  options: { listen: withDefault(option("<address>", "address and port"), "0.0.0.0:9188") },
  run: async ({ job, context }, { listen }) => {
    const { serveDumpMetrics } = await import("../../metrics/dump-server.js");
    await serveDumpMetrics(job, listen, context);
    return { data: {}, text: "stopped" };
  },
});
