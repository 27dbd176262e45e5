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
      error: "63 letters, digits and -_. at most, the first and the last a letter or digit",
    }),
  );

const image = z.string().regex(/^[\w.-]+(:\d+)?(\/[\w.-]+)+(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/, {
  error: 'an image such as "registry.example.com/howdah:1.2.3", best with its digest (@sha256:…)',
});

const exporters = z
  .strictObject({
    postgres: image
      .default("quay.io/prometheuscommunity/postgres-exporter:v0.18.1")
      .describe("Image of the postgres exporter."),
    pgbouncer: image
      .default("quay.io/prometheuscommunity/pgbouncer-exporter:v0.11.0")
      .describe("Image of the PgBouncer exporter."),
  })
  .prefault({})
  .describe("Exporters for Prometheus.");

/** Settings of the Kubernetes cluster that runs the workloads next to the database. */
export const kubernetesSchema = z
  .strictObject({
    context: z.string().min(1).describe("Context of the kubeconfig."),
    namespace: label("the namespace").default("howdah").describe("Namespace of the workloads; the program makes it."),
    image: image.describe("Image that the repository's Dockerfile builds: PgBouncer and the `howdah` command."),
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
          .describe("Replicas of PgBouncer, at least; a rolling restart takes one away at a time."),
        max: z
          .int()
          .min(2)
          .max(50)
          .default(4)
          .describe("Replicas at most: the connection budget is shared out among them."),
        cpuTarget: z
          .int()
          .min(20)
          .max(90)
          .default(60)
          .describe("CPU, in percent of the request, that autoscaling aims at."),
        readLag: duration({ min: "1 second", max: "1 hour" })
          .default("10 seconds")
          .describe("A replica that is further behind gets no reads."),
        readWeights: z
          .array(z.int().min(1).max(10))
          .max(15)
          .default([])
          .describe(
            "Shares of the replicas in the poolers that read from them, in the replicas' order. Default: the same for each.",
          ),
      })
      .prefault({})
      .describe("How many PgBouncers there are."),
    issuer: z
      .strictObject({
        name: label("the issuer").describe("Name of the issuer."),
        kind: z.enum(["Issuer", "ClusterIssuer"]).default("ClusterIssuer").describe("Kind of the issuer."),
      })
      .optional()
      .describe("cert-manager's issuer of PgBouncer's certificate. Default: an authority of the stack's own."),
    clients: z
      .array(
        z.strictObject({
          namespace: label("a namespace").describe("Namespace of the clients."),
          podLabels: labels().default({}).describe("Labels of their pods; default: all pods."),
        }),
      )
      .default([])
      .describe(
        "Pods that the network lets connect to PgBouncer, in addition to the ranges of howdah:network.allow; PgBouncer itself accepts those ranges only, so the pods' addresses have to be in one.",
      ),
    prometheusNamespace: label("a namespace").default("monitoring").describe("Namespace of Prometheus: it may scrape."),
    monitorLabels: labels()
      .default({})
      .describe("Labels by which Prometheus finds its monitors, where it looks for any."),
    exporters,
    jobs: z
      .strictObject({
        workSize: size({ min: "1 GB", max: "16 TB" })
          .default("20 GB")
          .describe("Disk of a job; a restore drill needs room for every database at once."),
      })
      .prefault({})
      .describe("Dumps, drills and maintenance."),
  })
  .describe("The Kubernetes cluster of the workloads next to the database; with `platform: aws` only.");

export type KubernetesSettings = z.output<typeof kubernetesSchema>;
