import { writeFileSync } from "node:fs";
import { clear } from "../../../support/graph";
import { workloadsGraph } from "./fake-cloud";

test("dump", async () => {
  const { registrations } = await workloadsGraph({
    settings: { clients: [{ namespace: "shop", podLabels: { app: "web" } }] },
  });
  const resources = registrations.map(({ type, name, inputs, dependencies, parent }) => ({
    type,
    name,
    inputs: clear(inputs),
    dependsOn: dependencies,
    parent,
  }));
  writeFileSync("/tmp/k8s-graph.json", JSON.stringify({ resources }, undefined, 1));
});
