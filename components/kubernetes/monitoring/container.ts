import type { core } from "@pulumi/kubernetes/types/input";
import { ports } from "../kit/image";
import { container, type ContainerArgs } from "../kit/pods";

/** The kubelet asks without a certificate: whether the process answers, it tells everyone. */
const health = { httpGet: { path: "/healthz", port: "metrics", scheme: "HTTPS" }, timeoutSeconds: 5 } as const;

/** A container that serves metrics, and can be asked whether it is well. */
export const collectorContainer = (args: Omit<ContainerArgs, "name">): core.v1.Container =>
  container({
    ...args,
    name: "collector",
    ports: [{ name: "metrics", containerPort: ports.metrics }],
    livenessProbe: { ...health, periodSeconds: 30 },
  });
