import { ConfigMap, Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../component";
import { ownAuthority, podCertificate, referenceTo } from "../kit/authority";
import { type CertificateSpec, custom, type IssuerReference } from "../kit/custom-resources";
import { names } from "../kit/names";
import { metadataOf, type KubeScope, within } from "../kit/scope";
import type { KubernetesSettings } from "../schema";

/**
 * PgBouncer's certificate: 90 days, renewed 30 before the end with a new key. PgBouncer reads it again by a RELOAD.
 * @param namespace of the service
 */
export const poolerCertificate = (namespace: string, issuerRef: IssuerReference): CertificateSpec => ({
  secretName: names.certificate,
  dnsNames: ["", `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`].map(
    (domain) => `${names.pooler}${domain}`,
  ),
  ...podCertificate,
  usages: ["server auth", "digital signature"],
  issuerRef,
});

/** PEM of the authority in a Secret of cert-manager's. @throws without one */
export function authorityIn(data: Readonly<Record<string, string>>): string {
  const found = data["ca.crt"];
  if (found === undefined || found === "")
    throw new Error(`the Secret ${names.certificate} has no ca.crt: cert-manager has not issued the certificate`);
  return Buffer.from(found, "base64").toString("utf8");
}

export interface CertificatesArgs {
  readonly scope: KubeScope;
  readonly issuer: KubernetesSettings["issuer"];
}

/** PgBouncer's certificate by cert-manager, and the authority that signs it if the settings name none. */
export class Certificates extends Component {
  readonly ready: readonly pulumi.Resource[];
  /** PEM of the stack's own authority. */
  readonly authority?: pulumi.Output<string>;

  constructor(
    name: string,
    private readonly args: CertificatesArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("howdah:kubernetes:Certificates", name, options);
    const { scope, issuer } = args;
    const own = {
      scope,
      authority: names.authority,
      selfSigned: names.selfSigned,
      commonName: "howdah pooler authority",
    };
    const signers = issuer === undefined ? [ownAuthority(name, own, this)] : [];
    const reference = referenceTo(issuer?.name ?? names.authority, issuer?.kind ?? "Issuer");
    const certificate = custom(
      `${name}-pooler`,
      {
        kind: "Certificate",
        metadata: {
          ...metadataOf(scope, names.certificate, "pooler"),
          annotations: { "pulumi.com/waitFor": "condition=Ready" },
        },
        spec: poolerCertificate(scope.namespace, reference),
      },
      within(this, scope, signers),
    );
    this.ready = [certificate];
    if (issuer === undefined) this.authority = this.published(name, certificate);
    this.registerOutputs({});
  }

  /**
   * The authority for clients, in a ConfigMap without any key. It is read from the Secret of PgBouncer's certificate: what is
   * read gets into the stack's state, where the key that signs has no business.
   */
  private published(name: string, certificate: pulumi.CustomResource): pulumi.Output<string> {
    const { scope } = this.args;
    // Through the certificate's id: before that exists, a preview has nothing to read.
    const id = certificate.id.apply(() => `${scope.namespace}/${names.certificate}`);
    const secret = Secret.get(`${name}-pooler-secret`, id, within(this, scope, [certificate]));
    const pem = pulumi.unsecret(secret.data.apply(authorityIn));
    new ConfigMap(
      `${name}-published`,
      { metadata: metadataOf(scope, names.authority, "pooler"), data: { "ca.crt": pem } },
      within(this, scope),
    );
    return pem;
  }
}
