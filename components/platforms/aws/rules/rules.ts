import type { BackupPlan } from "../../../backup/plan";
import { overlap, prefixOf } from "../../../network/cidr";
import type { NetworkSettings } from "../../../network/schema";
import type { PostgresSection } from "../../../postgres/schema";
import { brokenRules, nearest, type Problem, type Rule, toSeconds } from "../../../../lib/values";
import { awsListRules } from "./lists";
import { chosenZones, zonesOf } from "../regions";
import type { AwsSettings } from "../schema/schema";
import { instanceClassOf, knownClasses } from "../sizes";
import { storageRules } from "./storage";

/** The sections that the rules of AWS look at. */
export interface AwsSections {
  readonly aws: AwsSettings;
  readonly postgres: PostgresSection;
  readonly network: NetworkSettings;
  readonly backup: BackupPlan;
}

type AwsRule = Rule<AwsSections>;

const at =
  (...path: (string | number)[]): AwsRule["path"] =>
  () => ["aws", ...path];

/** A Multi-AZ DB cluster always has two readers. The other topologies take up to 15, more than `howdah:postgres.replicas` allows. */
const clusterReaders = 2;

/** How many endpoints the poolers that read share their connections among: each replica's, or the one of all readers. */
export const readTargetCount = ({ topology }: Pick<AwsSettings, "topology">, replicas: number): number =>
  topology === "rds-instance" ? Math.max(1, replicas) : 1;

/** Uses that a class has to support. */
const useOf = { "rds-instance": "instance", "rds-cluster": "multiAzCluster", aurora: "aurora" } as const;

const classNamed = ({ aws }: AwsSections) => instanceClassOf(aws.instanceClass);
const isServerless = ({ aws }: AwsSections): boolean => aws.aurora?.serverless !== undefined;

const topologyRules: readonly AwsRule[] = [
  {
    path: at("multiAz"),
    holds: ({ aws }) => aws.topology === "rds-instance" || aws.multiAz === undefined,
    message: ({ aws }) =>
      `found ${String(aws.multiAz)} with topology ${aws.topology}, which always spans zones; omit it, or choose howdah:aws.topology rds-instance`,
  },
  {
    path: at("administration", "rotations"),
    holds: ({ aws }) => aws.topology === "rds-instance" || aws.administration.rotations === 0,
    message: ({ aws }) =>
      `found ${aws.administration.rotations} with topology ${aws.topology}, for which RDS itself rotates the administrator's password; omit it`,
  },
  {
    path: at("aurora"),
    holds: ({ aws }) => aws.topology === "aurora" || aws.aurora === undefined,
    message: ({ aws }) => `found with topology ${aws.topology}; allowed only with topology aurora`,
  },
  {
    path: () => ["postgres", "replicas"],
    holds: ({ aws, postgres }) => aws.topology !== "rds-cluster" || postgres.replicas === clusterReaders,
    message: ({ aws, postgres }) =>
      `found ${postgres.replicas}; allowed with topology ${aws.topology}: ${clusterReaders}, always`,
  },
  {
    path: at("aurora", "autoscaling", "max"),
    holds: ({ aws, postgres }) => (aws.aurora?.autoscaling?.max ?? Infinity) >= Math.max(1, postgres.replicas),
    message: ({ aws, postgres }) =>
      `found ${aws.aurora?.autoscaling?.max ?? ""}; allowed: at least howdah:postgres.replicas, ${postgres.replicas}`,
  },
  {
    path: at("aurora", "serverless", "max"),
    holds: ({ aws: { aurora } }) => aurora?.serverless === undefined || aurora.serverless.max >= aurora.serverless.min,
    message: ({ aws: { aurora } }) =>
      `found ${aurora?.serverless?.max ?? ""}; allowed: at least ${aurora?.serverless?.min ?? ""}, the smallest capacity`,
  },
];

const classRules: readonly AwsRule[] = [
  {
    path: at("instanceClass"),
    holds: (sections) => isServerless(sections) === (sections.aws.instanceClass === "db.serverless"),
    message: (sections) =>
      `found "${sections.aws.instanceClass}"; allowed ${isServerless(sections) ? 'with howdah:aws.aurora.serverless: "db.serverless"' : "without howdah:aws.aurora.serverless: a class such as db.r7g.large"}`,
  },
  {
    path: at("instanceClass"),
    holds: (sections) => sections.aws.instanceClass === "db.serverless" || classNamed(sections) !== undefined,
    message: ({ aws }) => {
      const guess = nearest(aws.instanceClass, knownClasses);
      return `found "${aws.instanceClass}", which howdah does not know${guess === undefined ? "" : ` (did you mean "${guess}"?)`}; allowed: ${knownClasses.join(", ")}`;
    },
  },
  {
    path: at("instanceClass"),
    holds: (sections) => classNamed(sections)?.performanceInsights ?? true,
    message: ({ aws }) =>
      `found "${aws.instanceClass}", which has no Performance Insights; allowed: any class but the micro and small ones of T classes`,
  },
  {
    path: at("instanceClass"),
    holds: (sections) => classNamed(sections)?.[useOf[sections.aws.topology]] ?? true,
    message: ({ aws }) => {
      const use = useOf[aws.topology];
      const allowed = knownClasses.filter((name) => instanceClassOf(name)?.[use] === true);
      return `found "${aws.instanceClass}"; allowed with topology ${aws.topology}: ${allowed.join(", ")}`;
    },
  },
];

const placeRules: readonly AwsRule[] = [
  {
    path: at("zones"),
    holds: ({ aws }) => chosenZones(aws).every((zone) => zonesOf(aws.region).includes(zone)),
    message: ({ aws }) => {
      const unknown = chosenZones(aws).filter((zone) => !zonesOf(aws.region).includes(zone));
      return `found ${unknown.map((zone) => `"${zone}"`).join(", ")}; allowed in ${aws.region}: ${zonesOf(aws.region).join(", ")}`;
    },
  },
  {
    path: at("zones"),
    holds: ({ aws }) => new Set(chosenZones(aws)).size === chosenZones(aws).length,
    message: () => "found a zone twice; servers in the same zone would be lost together",
  },
  {
    path: at("zones"),
    holds: ({ aws }) => aws.topology !== "rds-cluster" || chosenZones(aws).length === 3,
    message: ({ aws }) =>
      `found ${chosenZones(aws).length}; allowed with topology rds-cluster: three, for its three servers`,
  },
  {
    path: at("network", "subnetIds"),
    holds: ({ aws }) =>
      aws.topology !== "rds-cluster" || !("vpcId" in aws.network) || aws.network.subnetIds.length === 3,
    message: () => "allowed with topology rds-cluster: three subnets, in three zones",
  },
  {
    path: at("secondRegion"),
    holds: ({ aws }) => aws.secondRegion !== aws.region,
    message: ({ aws }) =>
      `found "${aws.region}", the region of the primary, whose loss would include the copies; name another one`,
  },
  {
    path: at("network", "cidr"),
    holds: ({ aws: { network } }) =>
      !("cidr" in network) ||
      (!network.cidr.includes(":") && prefixOf(network.cidr) >= 16 && prefixOf(network.cidr) <= 24),
    message: ({ aws: { network } }) =>
      `found "${"cidr" in network ? network.cidr : ""}"; allowed: an IPv4 range from /16 to /24`,
  },
  {
    path: at("network", "peer", "cidr"),
    holds: ({ aws: { network } }) =>
      !("cidr" in network) || network.peer === undefined || !overlap(network.cidr, network.peer.cidr),
    message: () => "found a range that overlaps howdah:aws.network.cidr; such networks cannot be peered",
  },
  {
    path: () => ["network", "allow"],
    holds: ({ network }) => network.allow.every(({ cidr }) => prefixOf(cidr) >= 8),
    message: ({ network }) =>
      `found ${network.allow
        .filter(({ cidr }) => prefixOf(cidr) < 8)
        .map(({ cidr }) => `"${cidr}"`)
        .join(", ")}; allowed: ranges of /8 or smaller, so that the database is never open to the world`,
  },
];

const versionRules: readonly AwsRule[] = [
  {
    path: at("engineVersion"),
    holds: ({ aws, postgres }) => aws.engineVersion.split(".")[0] === String(postgres.version),
    message: ({ aws, postgres }) =>
      `found "${aws.engineVersion}"; allowed: a minor version of ${postgres.version}, which is howdah:postgres.version`,
  },
];

/** Longest point-in-time recovery of RDS, in days. */
const longestRetention = 35;

const backupRules: readonly AwsRule[] = [
  {
    path: at("backupRetentionDays"),
    holds: ({ aws, postgres }) => aws.backupRetentionDays !== 0 || postgres.replicas === 0,
    message: ({ postgres }) =>
      `found 0 with ${postgres.replicas} replicas; allowed: 1 to ${longestRetention}, because RDS creates replicas from backups`,
  },
  {
    path: at("backupRetentionDays"),
    holds: ({ aws }) => aws.backupRetentionDays !== 0 || aws.topology === "rds-instance",
    message: ({ aws }) => `found 0; allowed with topology ${aws.topology}: 1 to ${longestRetention}`,
  },
  {
    path: () => ["backup", "pointInTime"],
    holds: ({ backup }) => toSeconds(backup.pointInTime) <= longestRetention * 86_400,
    message: ({ backup }) =>
      `found "${backup.pointInTime}"; allowed on AWS: at most "${longestRetention} days"; for longer retention, use the tiers`,
  },
  ...(["backupWindow", "maintenanceWindow"] as const).map((key): AwsRule => ({
    path: at(key),
    holds: ({ aws }) => windowMinutes(aws[key]) >= 30,
    message: ({ aws }) => `found "${aws[key]}"; allowed: 30 minutes or longer`,
  })),
  {
    path: at("backupWindow"),
    holds: ({ aws }) => !windowsOverlap(aws.backupWindow, aws.maintenanceWindow),
    message: ({ aws }) => `found "${aws.backupWindow}", which overlaps the maintenance window ${aws.maintenanceWindow}`,
  },
];

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Length of a window; one that ends before it begins ends on the next day. */
function windowMinutes(window: string): number {
  const [start = "", end = ""] = window.split("-").map((part) => part.slice(-5));
  return (minutes(end) - minutes(start) + 1440) % 1440;
}

/** Times of day of both windows, whatever the weekday: the backup window comes every day. */
function windowsOverlap(backup: string, maintenance: string): boolean {
  const day = 1440;
  const [from = "", to = ""] = backup.split("-");
  const [start = "", end = ""] = maintenance.split("-").map((part) => part.slice(4));
  const length = (first: string, last: string): number => (minutes(last) - minutes(first) + day) % day;
  const distance = (first: string, second: string): number => (minutes(second) - minutes(first) + day) % day;
  return distance(from, start) < length(from, to) || distance(start, from) < length(start, end);
}

const rules = [
  ...topologyRules,
  ...classRules,
  ...placeRules,
  ...awsListRules,
  ...versionRules,
  ...storageRules,
  ...backupRules,
];

/** Settings that AWS, or the chosen topology's service, would reject; found before any call to AWS. */
export const awsProblems = (sections: AwsSections): Problem[] => brokenRules(rules, sections);
