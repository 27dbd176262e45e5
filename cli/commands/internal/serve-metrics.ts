import { isRemoteJob } from "../../kit/find-stack";
import { defineCommand } from "../../kit/command";

export const serveMetrics = defineCommand({
  name: "serve-metrics",
  group: "internal",
  summary: "Collect a stack's metrics and serve them to Prometheus (/metrics, /healthz)",
  on: ["cluster", "database"],
  // A file on a disk that hangs would keep it from ending.
  endsAtOnce: true,
  run: async ({ job, context }) => {
    const { serveCollector } = await import("../../metrics/collector.js");
    if (isRemoteJob(job)) {
      const { remoteCollection } = await import("../../metrics/remote.js");
      await serveCollector(remoteCollection(job), context);
    } else {
      const { localCollection } = await import("../../metrics/local.js");
      await serveCollector(localCollection(job), context);
    }
    return { data: {}, text: "stopped" };
  },
});
