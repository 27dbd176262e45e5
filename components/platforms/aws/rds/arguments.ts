import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { GB } from "../../../../lib/units";
import { toBytes } from "../../../../lib/values";
import { kept } from "../backups/keeping";
import { chosenZones } from "../regions";
import { type AwsSettings, storageOf } from "../schema/schema";
import type { ServersArgs } from "./servers";

/** RSA 2048 is what every client knows; valid until 2061. */
export const certificateAuthority = "rds-ca-rsa2048-g1";

/** Whether AWS installs minor versions. */
export const autoMinor = ({ upgrade }: AwsSettings): boolean => upgrade.minor === "automatic";

/** If AWS installs minors, a version that it has moved on from is no difference: to go back would be a downgrade, which RDS refuses. */
export const versionOptions = (settings: AwsSettings): pulumi.CustomResourceOptions =>
  autoMinor(settings) && !settings.upgrade.major ? { ignoreChanges: ["engineVersion"] } : {};

/** Options of a primary or a cluster, which hold the data. Replicas and readers hold no data of their own, and may be deleted. */
export const originOptions = (settings: AwsSettings): pulumi.CustomResourceOptions => ({
  ...kept(settings),
  ...versionOptions(settings),
});

/** Options of a parameter group. The servers use the old family's group until an upgrade is through: it stays. */
export const groupOptions = { retainOnDelete: true } as const;

/** Volume of each server, but Aurora's: sizes in GiB, and how far it grows by itself. */
export interface Volume {
  readonly size: number;
  readonly maximum: number | undefined;
  readonly type: string;
  readonly iops: number | undefined;
}

const gigabytes = (text: Parameters<typeof toBytes>[0]): number => Math.ceil(toBytes(text) / GB);

export function volumeOf(settings: AwsSettings): Volume {
  const { size, maximum, type, iops } = storageOf(settings);
  return { size: gigabytes(size), maximum: maximum === undefined ? undefined : gigabytes(maximum), type, iops };
}

/** Zone of the server with this number; neighbours never share one. */
export const zoneOf = (settings: AwsSettings, index: number): string => {
  const zones = chosenZones(settings);
  return zones[index % zones.length] ?? zones[0] ?? settings.region;
};

/**
 * Name of the last snapshot that deletion takes; none if the config wants none. Snapshots outlive the stack, and RDS refuses a name
 * that is taken: a stack of the same name, made and deleted again, needs another one.
 */
export function finalSnapshotName(
  { settings, identifier }: ServersArgs,
  name: string,
  parent: pulumi.Resource,
): pulumi.Output<string> | undefined {
  if (!settings.finalSnapshot) return undefined;
  const suffix = new random.RandomId(`${name}-final-snapshot`, { byteLength: 4 }, { parent });
  return pulumi.interpolate`${identifier}-final-${suffix.hex}`;
}
