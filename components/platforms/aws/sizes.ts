import { GB, MB, renderMemory } from "../../../lib/units";
import type { ServerSize } from "../../postgres/schema";
import type { AwsSettings } from "./schema/schema";

/** One instance class. */
export interface InstanceClass {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryGiB: number;
  readonly architecture: "arm64" | "x86_64";
  /** CPU credits: for development. */
  readonly burstable: boolean;
  readonly performanceInsights: boolean;
  /** For RDS for PostgreSQL instances. */
  readonly instance: boolean;
  /** For RDS Multi-AZ DB clusters. */
  readonly multiAzCluster: boolean;
  /** For Aurora PostgreSQL. */
  readonly aurora: boolean;
}

/** vCPUs by size. */
const vcpus: Readonly<Record<string, number>> = {
  medium: 1,
  large: 2,
  xlarge: 4,
  ...Object.fromEntries([2, 4, 8, 12, 16, 24, 32, 48].map((times) => [`${times}xlarge`, 4 * times])),
};
const sizesInOrder = Object.keys(vcpus);

/** GiB by size; the T classes go by these. */
const burstableMemory = { micro: 1, small: 2, medium: 4, large: 8, xlarge: 16, "2xlarge": 32 } as const;

/** GiB per vCPU. */
const ratio = { c: 2, m: 4, r: 8, x: 16, xe: 32 } as const;

type Use = "instance" | "multiAzCluster" | "aurora";

/** Classes of one generation: what they cost in memory, where they may be used, and the first and last size for each use. */
interface Family {
  readonly name: string;
  readonly memory: keyof typeof ratio;
  readonly arm?: boolean;
  readonly uses: Partial<Record<Use, readonly [first: string, last: string]>>;
  /** Sizes between first and last that do not exist. */
  readonly missing?: readonly string[];
}

const to16 = ["large", "16xlarge"] as const;
const to24 = ["large", "24xlarge"] as const;
const to32 = ["large", "32xlarge"] as const;
const to48 = ["large", "48xlarge"] as const;
const disks = ["24xlarge", "32xlarge"] as const;

/**
 * Generations that run PostgreSQL 14 and newer. Which class each use has: price lists of AWS as cfn-lint read them in August 2026
 * (all commercial regions together; a region, or an old minor version, may have fewer). vCPUs and memory: Amazon RDS User Guide, "Hardware
 * specifications for DB instance classes".
 */
const families: readonly Family[] = [
  { name: "c6gd", memory: "c", arm: true, uses: { multiAzCluster: ["medium", "16xlarge"] } },
  { name: "m5", memory: "m", uses: { instance: to24 } },
  { name: "m5d", memory: "m", uses: { instance: to24, multiAzCluster: to24 } },
  { name: "m6g", memory: "m", arm: true, uses: { instance: to16 } },
  { name: "m6gd", memory: "m", arm: true, uses: { instance: to16, multiAzCluster: to16 } },
  { name: "m6i", memory: "m", uses: { instance: to32 } },
  { name: "m6id", memory: "m", uses: { instance: to32, multiAzCluster: to32 } },
  { name: "m6idn", memory: "m", uses: { instance: to32, multiAzCluster: to32 } },
  { name: "m6in", memory: "m", uses: { instance: to32 } },
  { name: "m7g", memory: "m", arm: true, uses: { instance: to16 } },
  { name: "m7i", memory: "m", uses: { instance: to48 }, missing: ["32xlarge"] },
  { name: "m8g", memory: "m", arm: true, uses: { instance: to48 }, missing: ["32xlarge"] },
  { name: "m8gd", memory: "m", arm: true, uses: { instance: to48, multiAzCluster: to48 }, missing: ["32xlarge"] },
  { name: "m9g", memory: "m", arm: true, uses: { instance: to48 }, missing: ["32xlarge"] },
  { name: "r5", memory: "r", uses: { instance: to24, aurora: to24 } },
  { name: "r5b", memory: "r", uses: { instance: to24 } },
  { name: "r5d", memory: "r", uses: { instance: to24, multiAzCluster: to24 } },
  { name: "r6g", memory: "r", arm: true, uses: { instance: to16, aurora: to16 } },
  {
    name: "r6gd",
    memory: "r",
    arm: true,
    uses: { instance: to16, multiAzCluster: to16, aurora: ["xlarge", "16xlarge"] },
  },
  { name: "r6i", memory: "r", uses: { instance: to32, aurora: to32 } },
  { name: "r6id", memory: "r", uses: { instance: to32, multiAzCluster: to32, aurora: disks } },
  { name: "r6idn", memory: "r", uses: { instance: to32, multiAzCluster: to32 } },
  { name: "r6in", memory: "r", uses: { instance: to32 } },
  { name: "r7g", memory: "r", arm: true, uses: { instance: to16, aurora: to16 } },
  { name: "r7i", memory: "r", uses: { instance: to48, aurora: to48 }, missing: ["32xlarge"] },
  { name: "r8g", memory: "r", arm: true, uses: { instance: to48, aurora: to48 }, missing: ["32xlarge"] },
  {
    name: "r8gd",
    memory: "r",
    arm: true,
    uses: { instance: to48, multiAzCluster: to48, aurora: ["xlarge", "48xlarge"] },
    missing: ["32xlarge"],
  },
  { name: "x2g", memory: "x", arm: true, uses: { instance: to16, aurora: to16 } },
  {
    name: "x2idn",
    memory: "x",
    uses: { instance: ["16xlarge", "32xlarge"], multiAzCluster: ["16xlarge", "32xlarge"] },
  },
  {
    name: "x2iedn",
    memory: "xe",
    uses: { instance: ["xlarge", "32xlarge"], multiAzCluster: ["xlarge", "32xlarge"] },
    missing: ["12xlarge"],
  },
];

function covers({ uses, missing = [] }: Family, use: Use, size: string): boolean {
  const [first, last] = uses[use] ?? [];
  if (first === undefined || last === undefined || missing.includes(size)) return false;
  const at = sizesInOrder.indexOf(size);
  return at >= sizesInOrder.indexOf(first) && at <= sizesInOrder.indexOf(last);
}

const classesOf = (family: Family): InstanceClass[] =>
  sizesInOrder
    .map((size) => ({
      name: `db.${family.name}.${size}`,
      vcpus: vcpus[size] ?? 0,
      memoryGiB: (vcpus[size] ?? 0) * ratio[family.memory],
      architecture: family.arm === true ? ("arm64" as const) : ("x86_64" as const),
      burstable: false,
      performanceInsights: true,
      instance: covers(family, "instance", size),
      multiAzCluster: covers(family, "multiAzCluster", size),
      aurora: covers(family, "aurora", size),
    }))
    .filter(({ instance, multiAzCluster, aurora }) => instance || multiAzCluster || aurora);

/**
 * T classes. Aurora PostgreSQL has two sizes of them (Amazon Aurora User Guide, "Supported DB engines for DB instance classes"). The AWS
 * documentation excludes micro and small from Performance Insights with other engines only; reports of refused servers
 * are of such sizes, and its memory would be missed there, so they count as without.
 */
const burstableClasses = (name: "t3" | "t4g"): InstanceClass[] =>
  Object.entries(burstableMemory).map(([size, memoryGiB]) => ({
    name: `db.${name}.${size}`,
    vcpus: Math.max(2, memoryGiB / 4),
    memoryGiB,
    architecture: name === "t4g" ? "arm64" : "x86_64",
    burstable: true,
    performanceInsights: memoryGiB >= 4,
    instance: true,
    multiAzCluster: false,
    aurora: size === "medium" || size === "large",
  }));

const classes: ReadonlyMap<string, InstanceClass> = new Map(
  [...families.flatMap(classesOf), ...burstableClasses("t3"), ...burstableClasses("t4g")].map((one) => [one.name, one]),
);

/** The class of this name; undefined if no table has it, and for `db.serverless`, which has no size. */
export const instanceClassOf = (name: string): InstanceClass | undefined => classes.get(name);

/** Names of all classes with a size. */
export const knownClasses: readonly string[] = [...classes.keys()];

/**
 * Bytes that PostgreSQL may use of a class. RDS calls them DBInstanceClassMemory: the class's memory without what the operating
 * system and RDS' own processes keep, a figure that it does not publish. It does publish the default `max_connections`, which is
 * DBInstanceClassMemory / 9531392 (Amazon Aurora User Guide, "Maximum connections to an Aurora PostgreSQL DB instance"; the serverless
 * page has the same for ACUs): from 84 % of 2 GiB, and 89 % of 16 GiB, to 96 %. Nine tenths without 256 MB are below all of these.
 */
export const usableMemory = (memoryGiB: number): number => Math.floor((memoryGiB * GB * 0.9) / MB) * MB - 256 * MB;

/**
 * Bytes of the cache that Aurora gives itself by default, SUM({DBInstanceClassMemory/12038},-50003) pages of 8 kB: two thirds of the memory.
 * There is no page cache of the operating system next to it. What it leaves grows with the memory: too low a memory gives too low a rest.
 */
const auroraCache = (memoryBytes: number): number =>
  Math.max(128 * MB, Math.floor(((memoryBytes / 12_038 - 50_003) * 8192) / MB) * MB);

/** GiB of one Aurora capacity unit, and how many make a vCPU: as much memory for each as an R class has. */
const capacityUnit = { memoryGiB: 2, perVcpu: 4 } as const;

type SizeSettings = Pick<AwsSettings, "topology" | "instanceClass" | "aurora">;

function hardware({ instanceClass, aurora }: SizeSettings): { memoryGiB: number; cpus: number } | undefined {
  if (aurora?.serverless !== undefined) {
    const { max } = aurora.serverless;
    return { memoryGiB: max * capacityUnit.memoryGiB, cpus: Math.max(1, Math.ceil(max / capacityUnit.perVcpu)) };
  }
  const known = instanceClassOf(instanceClass);
  return known === undefined ? undefined : { memoryGiB: known.memoryGiB, cpus: known.vcpus };
}

/**
 * Memory that PostgreSQL may use, and cores, of every server; undefined if the class is unknown. Serverless v2 counts with its largest
 * capacity: AWS derives `max_connections` from that and keeps it while the capacity changes, resizes `shared_buffers` with the
 * capacity, and adds capacity when memory runs short, so a `work_mem` that fits the largest size is one it can grow into.
 */
export function serverSize(settings: SizeSettings): ServerSize | undefined {
  const size = hardware(settings);
  return size === undefined ? undefined : { memory: `${usableMemory(size.memoryGiB) / MB} MB`, cpus: size.cpus };
}

/**
 * Parameters that the engine chooses by itself, in PostgreSQL's notation. They belong below the user's overrides when `serverParameters`
 * is asked, so that the formulas share out what the engine leaves: Aurora's cache is two thirds of the memory if the
 * formulas would take a quarter. Its parameter group takes no `shared_buffers`, and so gets none.
 */
export function engineDefaults(settings: SizeSettings): Readonly<Record<string, string>> {
  const size = hardware(settings);
  if (settings.topology !== "aurora" || size === undefined) return {};
  const cache = renderMemory(auroraCache(usableMemory(size.memoryGiB)));
  return { effective_cache_size: cache, shared_buffers: cache };
}
