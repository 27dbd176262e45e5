import { z } from "zod";
import { duration, size } from "../../lib/values";
import { majorVersion } from "../postgres/schema";

const label = (what: string) =>
  z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: `${what}: a DNS label such as "howdah"` });

const labelText = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
const labelPrefix = "([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?";

/** Labels as Kubernetes takes them: its documentation, "Labels and Selectors", "Syntax and character set". */
const labels = () =>
  z.record(
    z.string().regex(new RegExp(`^${labelPrefix}${labelText}$`), { error: 'a label such as "app.kubernetes.io/name"' }),
    z.string().regex(new RegExp(`^(${labelText})?$`), {
      error: "at most 63 letters, digits and -_. with a letter or digit at both ends",
    }),
  );

const image = z.string().regex(/^[\w.-]+(:\d+)?(\/[\w.-]+)+(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/, {
  error: 'an image such as "registry.example.com/howdah:1.2.3", preferably with its digest (@sha256:…)',
});

/** Settings of the Kubernetes cluster that runs the workloads next to the database. */
export const kubernetesSchema = z
  .strictObject({
    context: z.string().min(1).describe("Context of the kubeconfig."),
    namespace: label("the namespace").default("howdah").describe("Namespace of the workloads; the program creates it."),
    image: image.describe("Image built from the repository's Dockerfile: PgBouncer and the `howdah` command."),
    imagePostgres: majorVersion().describe(
      "Major version of PostgreSQL's programs in the image (its build argument POSTGRES).",
    ),
    poolers: z
      .strictObject({
        min: z
          .int()
          .min(2)
          .max(50)
          .default(3)
          .describe("Minimum number of PgBouncers; a rolling restart stops one at a time."),
        max: z
          .int()
          .min(2)
          .max(50)
          .default(4)
          .describe(
            "Maximum number: the connection budget is divided among them, and the availability probe has two connections in each.",
          ),
        cpuTarget: z
          .int()
          .min(20)
          .max(90)
          .default(60)
          .describe("Target CPU utilization for autoscaling, in percent of the request."),
        readLag: duration({ min: "1 second", max: "1 hour" })
          .default("10 seconds")
          .describe("A replica that lags further behind gets no reads."),
        readWeights: z
          .array(z.int().min(1).max(10))
          .max(15)
          .default([])
          .describe(
            "Weights of the replicas: how many poolers read from each, in the replicas' order. Default: equal.",
          ),
      })
      .prefault({})
      .describe("Number of PgBouncers."),
    issuer: z
      .strictObject({
        name: label("the issuer").describe("Name of the issuer."),
        kind: z.enum(["Issuer", "ClusterIssuer"]).default("ClusterIssuer").describe("Kind of the issuer."),
      })
      .optional()
      .describe("cert-manager issuer of PgBouncer's certificate. Default: the stack's own certificate authority."),
    clients: z
      .array(
        z.strictObject({
          namespace: label("a namespace").describe("Namespace of the clients."),
          podLabels: labels().default({}).describe("Labels of their pods; default: all pods."),
        }),
      )
      .default([])
      .describe(
        "Pods that may reach PgBouncer, in addition to the ranges of howdah:network.allow. PgBouncer itself only accepts those ranges, so they must include the pods' addresses.",
      ),
    prometheusNamespace: label("a namespace")
      .default("monitoring")
      .describe("Namespace of Prometheus, which may scrape the collectors."),
    monitorLabels: labels()
      .default({})
      .describe("Labels that Prometheus selects its monitors and rules by, if it does."),
    jobs: z
      .strictObject({
        workSize: size({ min: "1 GB", max: "16 TB" })
          .default("20 GB")
          .describe("Disk of a job; a restore drill needs space for all databases at once."),
      })
      .prefault({})
      .describe("Dumps, drills and maintenance."),
  })
  .describe("The Kubernetes cluster for the workloads next to the database; with `platform: aws` only.");

export type KubernetesSettings = z.output<typeof kubernetesSchema>;
