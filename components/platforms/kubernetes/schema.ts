import { z } from "zod";

/** Settings of the Kubernetes cluster that runs the workloads beside the database. */
export const kubernetesSchema = z.strictObject({
  /** Context of the kubeconfig. */
  context: z.string().min(1),
  /** Namespace of the workloads. */
  namespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: "a DNS label" })
    .default("howdah"),
});

export type KubernetesSettings = z.output<typeof kubernetesSchema>;
