import type * as pulumi from "@pulumi/pulumi";
import type { Scraping } from "../../../contracts/collector";
import { Component } from "../../component";
import { issued, ownAuthority, podCertificate, referenceTo } from "../kit/authority";
import { paths, ports } from "../kit/image";
import { metricsServer } from "../kit/monitors";
import { names } from "../kit/names";
import { secretFolder } from "../kit/pods";
import type { KubeScope } from "../kit/scope";

/** The certificate of a collector, in its pod. */
export const metricsCertificate = secretFolder({
  name: "metrics-certificate",
  secret: names.metricsCertificate,
  folder: paths.metricsFolder,
  keys: ["tls.crt", "tls.key", "ca.crt"],
});

/** How a pod's collector serves, and to whom. */
export const scraping: Scraping = {
  listen: `0.0.0.0:${ports.metrics}`,
  certificate: paths.metricsCertificate,
  key: paths.metricsKey,
  authority: paths.metricsAuthority,
};

/**
 * Certificates for the scraping of metrics, of an authority that signs nothing else: who shows a certificate of it is let in. So this
 * is not the issuer that the settings name for PgBouncer, whose certificates others have too.
 */
export class MetricsCertificates extends Component {
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, { scope }: { readonly scope: KubeScope }, options: pulumi.ComponentResourceOptions = {}) {
    super("howdah:kubernetes:MetricsCertificates", name, options);
    const authority = names.metricsAuthority;
    const own = { scope, authority, selfSigned: names.metricsSelfSigned, commonName: "howdah metrics authority" };
    const needs = [ownAuthority(name, own, this)];
    const issuerRef = referenceTo(authority, "Issuer");
    const collectors = {
      secretName: names.metricsCertificate,
      dnsNames: [metricsServer],
      ...podCertificate,
      usages: ["server auth", "digital signature"],
      issuerRef,
    } as const;
    const scraper = {
      secretName: names.scraper,
      commonName: "prometheus",
      ...podCertificate,
      usages: ["client auth", "digital signature"],
      issuerRef,
    } as const;
    this.ready = [
      issued(`${name}-collectors`, { scope, spec: collectors, needs }, this),
      issued(`${name}-scraper`, { scope, spec: scraper, needs }, this),
    ];
    this.registerOutputs({});
  }
}
