import type * as pulumi from "@pulumi/pulumi";
import { type CertificateSpec, custom, type IssuerReference } from "./custom-resources";
import { metadataOf, type KubeScope, within } from "./scope";

/** Days in Go's form. */
export const days = (count: number): string => `${count * 24}h`;
const year = 365;

export const referenceTo = (name: string, kind: IssuerReference["kind"]): IssuerReference => ({
  name,
  kind,
  group: "cert-manager.io",
});

export interface AuthorityArgs {
  readonly scope: KubeScope;
  /** Name of its Secret, and of the Issuer that signs with it. */
  readonly authority: string;
  /** Name of the Issuer that signs the authority itself. */
  readonly selfSigned: string;
  readonly commonName: string;
}

/** The authority itself. It is signed again by the same key: clients that trust an older certificate of it still do. */
const authorityCertificate = ({ authority, selfSigned, commonName }: AuthorityArgs): CertificateSpec => ({
  secretName: authority,
  commonName,
  isCA: true,
  duration: days(10 * year),
  renewBefore: days(5 * year),
  privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" },
  usages: ["digital signature", "cert sign", "crl sign"],
  issuerRef: referenceTo(selfSigned, "Issuer"),
});

/** An authority of the stack's own, by cert-manager. @returns the issuer that signs with it */
export function ownAuthority(name: string, args: AuthorityArgs, parent: pulumi.Resource): pulumi.Resource {
  const { scope, authority, selfSigned } = args;
  const first = custom(
    `${name}-self-signed`,
    { kind: "Issuer", metadata: metadataOf(scope, selfSigned), spec: { selfSigned: {} } },
    within(parent, scope),
  );
  const certificate = custom(
    `${name}-authority`,
    { kind: "Certificate", metadata: metadataOf(scope, authority), spec: authorityCertificate(args) },
    within(parent, scope, [first]),
  );
  return custom(
    `${name}-issuer`,
    { kind: "Issuer", metadata: metadataOf(scope, authority), spec: { ca: { secretName: authority } } },
    within(parent, scope, [certificate]),
  );
}

/** What all certificates of pods have: 90 days, renewed 30 before the end with a new key. */
export const podCertificate = {
  duration: days(90),
  renewBefore: days(30),
  privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
} as const satisfies Partial<CertificateSpec>;

/** Has cert-manager make a certificate, and `up` wait for it. @param needs such as who signs it */
export const issued = (
  name: string,
  args: { readonly scope: KubeScope; readonly spec: CertificateSpec; readonly needs: readonly pulumi.Resource[] },
  parent: pulumi.Resource,
): pulumi.CustomResource =>
  custom(
    name,
    {
      kind: "Certificate",
      metadata: {
        ...metadataOf(args.scope, args.spec.secretName),
        annotations: { "pulumi.com/waitFor": "condition=Ready" },
      },
      spec: args.spec,
    },
    within(parent, args.scope, args.needs),
  );
