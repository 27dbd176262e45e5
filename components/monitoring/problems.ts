import type { Problem } from "../../lib/values";
import type { MonitoringSettings } from "./schema";

/** Names of receivers that the config does not have. */
export function receiverProblems({ routing }: MonitoringSettings): Problem[] {
  const known = Object.keys(routing.receivers);
  const list = (key: "critical" | "warning" | "info") =>
    (routing[key] ?? []).map((name, index) => ({ name, path: [key, index] }));
  const deadMan = routing.deadMan === undefined ? [] : [{ name: routing.deadMan, path: ["deadMan"] }];
  return [...list("critical"), ...list("warning"), ...list("info"), ...deadMan]
    .filter(({ name }) => !known.includes(name))
    .map(({ name, path }) => ({
      path: ["monitoring", "routing", ...path],
      message:
        `found ${JSON.stringify(name)}, which is no receiver; ` +
        (known.length === 0
          ? "add it to howdah:monitoring.routing.receivers"
          : `allowed: ${known.join(", ")}, the names in howdah:monitoring.routing.receivers`),
    }));
}
