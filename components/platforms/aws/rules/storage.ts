import { type Rule, toBytes } from "../../../../lib/values";
import { type AwsSettings, storageOf } from "../schema/schema";
import { GB } from "../../../../lib/units";

interface Sections {
  readonly aws: AwsSettings;
}

/**
 * What RDS for PostgreSQL allows, in GB and IOPS: Amazon RDS User Guide, "Amazon RDS DB instance storage". A small gp3 volume has
 * 3,000 IOPS, no more and no less.
 */
const limits = {
  gp3: { min: 20, provisionedFrom: 400, iops: [12_000, 64_000], perGB: 500 },
  io2: { min: 100, provisionedFrom: 100, iops: [1000, 256_000], perGB: 1000 },
} as const;

/** Servers of Aurora have no volume of their own. */
const hasVolume = ({ aws }: Sections): boolean => aws.topology !== "aurora";
const sizeOf = ({ aws }: Sections): number => toBytes(storageOf(aws).size) / GB;
const limitsOf = ({ aws }: Sections): (typeof limits)[keyof typeof limits] => limits[storageOf(aws).type];
/** The service's smallest volume for a cluster. */
const smallest = (sections: Sections): number =>
  sections.aws.topology === "rds-cluster" ? Math.max(100, limitsOf(sections).min) : limitsOf(sections).min;

function iopsFit(sections: Sections): boolean {
  const { iops } = storageOf(sections.aws);
  const { provisionedFrom, iops: range, perGB } = limitsOf(sections);
  if (iops === undefined) return true;
  const [least, most] = range;
  return sizeOf(sections) >= provisionedFrom && iops >= least && iops <= most && iops <= sizeOf(sections) * perGB;
}

/** Storage that the service would refuse. */
export const storageRules: readonly Rule<Sections>[] = [
  {
    path: () => ["aws", "storage"],
    holds: (sections) => hasVolume(sections) || sections.aws.storage === undefined,
    message: () => "found with topology aurora, whose storage grows automatically; omit it",
  },
  {
    path: () => ["aws", "storage", "size"],
    holds: (sections) => !hasVolume(sections) || sizeOf(sections) >= smallest(sections),
    message: (sections) =>
      `found "${storageOf(sections.aws).size}"; allowed with ${storageOf(sections.aws).type} and topology ${sections.aws.topology}: at least "${smallest(sections)} GB"`,
  },
  {
    path: () => ["aws", "storage", "iops"],
    holds: (sections) => !hasVolume(sections) || iopsFit(sections),
    message: (sections) => {
      const { provisionedFrom, iops, perGB } = limitsOf(sections);
      const storage = storageOf(sections.aws);
      return `found ${storage.iops ?? ""} for "${storage.size}" of ${storage.type}; allowed: ${iops[0]} to ${iops[1]}, from ${provisionedFrom} GB on, and at most ${perGB} for each GB; use more storage, or omit iops`;
    },
  },
  {
    path: () => ["aws", "storage", "iops"],
    holds: (sections) =>
      !hasVolume(sections) || storageOf(sections.aws).type !== "io2" || storageOf(sections.aws).iops !== undefined,
    message: () => `found nothing; required with io2: ${limits.io2.iops.join(" to ")}`,
  },
  {
    path: () => ["aws", "storage", "maximum"],
    holds: ({ aws }) => aws.storage?.maximum === undefined || aws.topology === "rds-instance",
    message: ({ aws }) => `found with topology ${aws.topology}; allowed only with topology rds-instance`,
  },
  {
    path: () => ["aws", "storage", "maximum"],
    holds: ({ aws }) =>
      aws.storage?.maximum === undefined || toBytes(aws.storage.maximum) >= toBytes(aws.storage.size) * 1.1,
    message: ({ aws }) =>
      `found "${aws.storage?.maximum ?? ""}"; allowed: at least a tenth more than howdah:aws.storage.size, "${storageOf(aws).size}"`,
  },
];
