/** Names of the objects in the namespace, each fixed: another object, a person or a policy can refer to it. */
export const names = {
  pooler: "pooler",
  /** ConfigMap with the authorities of the servers' certificates. */
  authorities: "server-authorities",
  monitoring: "monitoring-login",
  probe: "probe-login",
  dumpsKey: "dumps-key",
  /** Secret that the team makes: its key `url` is the webhook of howdah:backup.notify. */
  notify: "notify",
  /** The authority of PgBouncer's certificate: with its key a Secret, without it a ConfigMap for clients. */
  authority: "pooler-authority",
  selfSigned: "self-signed",
  /** Secret that cert-manager keeps PgBouncer's certificate in. */
  certificate: "pooler-certificate",
  collector: "collector",
  /** The authority of the collectors' certificates and of Prometheus' own. */
  metricsAuthority: "metrics-authority",
  metricsSelfSigned: "metrics-self-signed",
  /** Secret with what collectors show, and the one with what Prometheus shows. */
  metricsCertificate: "metrics-certificate",
  scraper: "metrics-scraper",
  rules: "alert-rules",
} as const;

/** What runs in pods; value of the label `app.kubernetes.io/component`. */
export type ComponentName = "pooler" | "collector" | "dump" | "drill" | "maintenance";

/** Longest value of a label. */
const longest = 63;
/** It begins and ends with a letter or digit. The namespace holds one stack, so what is cut off tells nothing apart. */
const value = (text: string): string => text.slice(0, longest).replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");

/** By these a selector finds pods; they never change. */
export const selectorOf = (stack: string, component: ComponentName): Record<string, string> => ({
  "app.kubernetes.io/name": "howdah",
  "app.kubernetes.io/instance": value(stack),
  "app.kubernetes.io/component": component,
});

/** The labels that Kubernetes recommends, for an object that belongs to one component or to all. */
export const labelsOf = (stack: string, component?: ComponentName): Record<string, string> => ({
  "app.kubernetes.io/name": "howdah",
  "app.kubernetes.io/instance": value(stack),
  ...(component === undefined ? {} : { "app.kubernetes.io/component": component }),
  "app.kubernetes.io/part-of": "howdah",
  "app.kubernetes.io/managed-by": "pulumi",
});
