import { z } from "zod";

/** Settings of the Kubernetes cluster that runs the workloads beside the database. */
export const kubernetesSchema = z
  .strictObject({
    context: z.string().min(1).describe("Context of the kubeconfig."),
    namespace: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: "a DNS label" })
      .default("howdah")
      .describe("Namespace of the workloads."),
  })
  .describe("The Kubernetes cluster of the workloads beside the database; with `platform: aws` only.");

export type KubernetesSettings = z.output<typeof kubernetesSchema>;
