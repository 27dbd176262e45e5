import "reflect-metadata";
import { generateKeyPairSync, randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { day, hour } from "../../lib/units";

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** Clocks of two machines differ; a certificate is valid from a little before it was made. */
const backdate = hour;

export interface Signed {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** ISO 8601. */
  readonly notAfter: string;
}

export interface Authority {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

interface KeyPair {
  readonly pem: string;
  readonly pair: webcrypto.CryptoKeyPair;
}

async function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(pem);
  return webcrypto.subtle.importKey("pkcs8", der, algorithm, true, ["sign"]);
}

async function newKeyPair(): Promise<KeyPair> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const spki = publicKey.export({ type: "spki", format: "der" });
  const pair = {
    privateKey: await importPrivateKey(pem),
    publicKey: await webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]),
  };
  return { pem, pair };
}

/** Positive and of 16 bytes, as RFC 5280 allows. */
const serialNumber = (): string => `4${randomBytes(16).toString("hex").slice(1)}`;

const validity = (days: number) => ({
  notBefore: new Date(Date.now() - backdate),
  notAfter: new Date(Date.now() + days * day),
});

/** A self-signed authority that may sign leaf certificates only. */
export async function createAuthority(commonName: string, days: number): Promise<Signed> {
  const keys = await newKeyPair();
  const dates = validity(days);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    ...dates,
    signingAlgorithm: algorithm,
    keys: keys.pair,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.pair.publicKey),
    ],
  });
  return {
    certificatePem: `${certificate.toString("pem")}\n`,
    privateKeyPem: keys.pem,
    notAfter: dates.notAfter.toISOString(),
  };
}

export interface LeafRequest {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly days: number;
  /** Ends of a connection that it may stand at. Default both. */
  readonly usages?: readonly ("server" | "client")[];
}

const extendedUsages = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth } as const;

/** A leaf, signed by the authority. */
export async function signLeaf(authority: Authority, request: LeafRequest): Promise<Signed> {
  const keys = await newKeyPair();
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const dates = validity(request.days);
  const names = [
    ...request.dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...request.ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [request.commonName] }],
    issuer: issuer.subject,
    ...dates,
    signingAlgorithm: algorithm,
    publicKey: keys.pair.publicKey,
    signingKey: await importPrivateKey(authority.privateKeyPem),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(
        (request.usages ?? ["server", "client"]).map((usage) => extendedUsages[usage]),
      ),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.pair.publicKey),
    ],
  });
  return {
    certificatePem: `${certificate.toString("pem")}\n`,
    privateKeyPem: keys.pem,
    notAfter: dates.notAfter.toISOString(),
  };
}

/** Days until an ISO date; negative once it is over. */
export const daysUntil = (iso: string): number => (Date.parse(iso) - Date.now()) / day;
