import fc from "fast-check";
import {
  engineDefaults,
  instanceClassOf,
  knownClasses,
  serverSize,
  usableMemory,
} from "../../../../../components/platforms/aws/sizes";
import {
  memoryProblems,
  serverParameters,
  worstCaseMemory,
} from "../../../../../components/postgres/parameters/parameters";
import { memoryBytes } from "../../../../../lib/units";
import { toBytes } from "../../../../../lib/values";

const GiB = 1024 ** 3;
const classes = knownClasses.map((name) => instanceClassOf(name)!);
const aurora = { topology: "aurora" as const, instanceClass: "db.r6g.large", aurora: undefined };
const serverless = (max: number) => ({
  topology: "aurora" as const,
  instanceClass: "db.serverless",
  aurora: { serverless: { min: 0.5, max } },
});

describe("an instance class", () => {
  // Amazon RDS and Aurora User Guides, "Hardware specifications for DB instance classes".
  test.each([
    ["db.t4g.micro", 2, 1],
    ["db.t3.medium", 2, 4],
    ["db.t4g.2xlarge", 8, 32],
    ["db.m5d.large", 2, 8],
    ["db.m6i.32xlarge", 128, 512],
    ["db.m6gd.8xlarge", 32, 128],
    ["db.r5.24xlarge", 96, 768],
    ["db.r6g.16xlarge", 64, 512],
    ["db.r7g.large", 2, 16],
    ["db.x2g.12xlarge", 48, 768],
    ["db.x2idn.24xlarge", 96, 1536],
    ["db.x2iedn.xlarge", 4, 128],
    ["db.x2iedn.32xlarge", 128, 4096],
  ])("%s has %d vCPUs and %d GiB", (name, vcpus, memoryGiB) => {
    expect(instanceClassOf(name)).toMatchObject({ name, vcpus, memoryGiB });
  });

  test("is known once, and is of use to some topology", () => {
    expect(new Set(knownClasses).size).toBe(knownClasses.length);
    expect(classes.filter((one) => !one.instance && !one.multiAzCluster && !one.aurora)).toEqual([]);
    expect(classes.filter((one) => !(one.vcpus > 0) || !(one.memoryGiB > 0) || one.vcpus > 192)).toEqual([]);
  });

  test("is unknown where AWS has none of that name, whatever it looks like (control)", () => {
    const none = [
      "db.r7g.24xlarge",
      "db.x2iedn.12xlarge",
      "db.r6g.metal",
      "db.r4.large",
      "db.serverless",
      "constructor",
    ];
    expect(none.filter((name) => instanceClassOf(name) !== undefined)).toEqual([]);
    expect(["db.m7i.32xlarge", "db.r8g.32xlarge", "db.x2idn.8xlarge", "db.c6gd.24xlarge"].map(instanceClassOf)).toEqual(
      Array(4).fill(undefined),
    );
  });

  test("is for a Multi-AZ DB cluster with local disks only", () => {
    const families = new Set(classes.filter((one) => one.multiAzCluster).map(({ name }) => name.split(".")[1]));
    expect([...families].sort()).toEqual(
      "c6gd m5d m6gd m6id m6idn m8gd r5d r6gd r6id r6idn r8gd x2idn x2iedn".split(" "),
    );
    expect(instanceClassOf("db.c6gd.medium")).toMatchObject({ instance: false, multiAzCluster: true, memoryGiB: 2 });
  });

  test("is for Aurora with much memory for each vCPU, or as a T class of two sizes", () => {
    const names = classes.filter((one) => one.aurora && !one.burstable).map(({ name }) => name);
    expect(names.filter((name) => !/^db\.(r|x)/.test(name))).toEqual([]);
    expect(classes.filter((one) => one.aurora && one.burstable).map(({ name }) => name)).toEqual([
      "db.t3.medium",
      "db.t3.large",
      "db.t4g.medium",
      "db.t4g.large",
    ]);
    expect(["db.r6gd.large", "db.r6id.16xlarge", "db.r5b.large"].map((name) => instanceClassOf(name)?.aurora)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("has Performance Insights but for the smallest T classes", () => {
    expect(classes.filter((one) => !one.performanceInsights).map(({ name }) => name)).toEqual([
      "db.t3.micro",
      "db.t3.small",
      "db.t4g.micro",
      "db.t4g.small",
    ]);
  });

  test("is of ARM where its name has a g after the generation", () => {
    for (const { name, architecture } of classes)
      expect([name, architecture]).toEqual([name, /^db\.[a-z]+\d+g/.test(name) ? "arm64" : "x86_64"]);
  });
});

describe("the memory that PostgreSQL may use", () => {
  // Default max_connections as the Aurora User Guide publishes it, which is DBInstanceClassMemory / 9531392.
  test.each([
    [4, 405],
    [4, 420],
    [8, 844],
    [16, 1600],
    [16, 1722],
    [32, 3300],
    [32, 3479],
    [2, 189],
    [8, 823],
    [16, 1669],
    [32, 3360],
  ])("of %d GiB is below the figure that AWS derives its default of %d connections from", (memoryGiB, connections) => {
    const published = connections * 9_531_392;
    expect(usableMemory(memoryGiB)).toBeLessThan(published);
    expect(usableMemory(memoryGiB)).toBeGreaterThan(0.88 * published);
    expect(memoryGiB * GiB).toBeGreaterThan(published);
  });

  test("is a size that the settings take, for every class", () => {
    for (const { name, memoryGiB, vcpus } of classes) {
      const size = serverSize({ topology: "rds-instance", instanceClass: name, aurora: undefined })!;
      expect(size.cpus).toBe(vcpus);
      expect(toBytes(size.memory)).toBe(usableMemory(memoryGiB));
    }
  });

  test("is unknown for an unknown class", () => {
    const unknown = { topology: "aurora" as const, instanceClass: "db.r99.large", aurora: undefined };
    expect(serverSize(unknown)).toBeUndefined();
    expect(engineDefaults(unknown)).toEqual({});
  });

  test("of serverless follows from the largest capacity", () => {
    expect(serverSize(serverless(8))).toEqual({ memory: `${usableMemory(16) / 1024 ** 2} MB`, cpus: 2 });
    expect(serverSize(serverless(1))).toMatchObject({ cpus: 1 });
    expect(serverSize(serverless(256))).toMatchObject({ cpus: 64 });
  });
});

describe("what Aurora leaves in addition to its cache", () => {
  const cacheOf = (settings: Parameters<typeof engineDefaults>[0]): number =>
    memoryBytes(engineDefaults(settings).shared_buffers!)!;

  test("is half to a third of the memory, and nothing of it is RDS' business", () => {
    for (const { name } of classes.filter((one) => one.aurora)) {
      const settings = { ...aurora, instanceClass: name };
      const share = cacheOf(settings) / toBytes(serverSize(settings)!.memory);
      expect(share).toBeGreaterThan(0.5);
      expect(share).toBeLessThan(0.681);
      expect(engineDefaults({ ...settings, topology: "rds-instance" })).toEqual({});
    }
  });

  const inputOf = (settings: Parameters<typeof engineDefaults>[0], connections: number) => ({
    version: 15,
    memoryBytes: toBytes(serverSize(settings)!.memory),
    cpus: serverSize(settings)!.cpus,
    storage: "ssd" as const,
    workload: "oltp" as const,
    maxConnections: connections,
    pooledConnections: Math.floor(connections * 0.8),
    archiveTimeoutSeconds: 60,
    overrides: engineDefaults(settings),
  });

  test("is what queries get, so that the memory is never over-committed", () => {
    const names = classes.filter((one) => one.aurora).map(({ name }) => name);
    const settings = fc.oneof(
      fc.constantFrom(...names).map((instanceClass) => ({ ...aurora, instanceClass })),
      fc.integer({ min: 2, max: 512 }).map((half) => serverless(half / 2)),
    );
    let accepted = 0;
    fc.assert(
      fc.property(settings, fc.integer({ min: 20, max: 2000 }), (given, connections) => {
        const input = inputOf(given, connections);
        fc.pre(memoryProblems(input).length === 0);
        accepted += 1;
        const parameters = serverParameters(input);
        expect(memoryBytes(parameters.shared_buffers!)).toBe(cacheOf(given));
        expect(worstCaseMemory(parameters, input)).toBeLessThanOrEqual(input.memoryBytes);
      }),
    );
    expect(accepted).toBeGreaterThan(50);
  });

  test("would be over-committed by the formulas of other platforms (control)", () => {
    const input = inputOf(aurora, 100);
    const plain = serverParameters({ ...input, overrides: {} });
    const real = { ...plain, shared_buffers: engineDefaults(aurora).shared_buffers! };
    expect(worstCaseMemory(real, { maxConnections: 100, pooledConnections: 80 })).toBeGreaterThan(input.memoryBytes);
  });
});
