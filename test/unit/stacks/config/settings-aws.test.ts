import { parseSettings } from "../../../../stacks/config/settings";
import { ConfigError } from "../../../../stacks/config/error";
import { type AwsConfig, awsConfig } from "../../../support/clouds/aws-config";

/** Lines of the error after a change of the config, without the first. */
function problemsOf(change: (config: AwsConfig) => void): string[] {
  const config = awsConfig();
  change(config);
  try {
    parseSettings(config);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n  ").slice(1);
    throw error;
  }
  return [];
}

const cluster = (config: AwsConfig): void => {
  config.postgres["replicas"] = 2;
  Object.assign(config.aws, {
    topology: "rds-cluster",
    instanceClass: "db.m6gd.large",
    storage: { size: "100 GB" },
    network: { cidr: "10.30.0.0/20" },
  });
};
const aurora = (config: AwsConfig): void => {
  Object.assign(config.aws, { topology: "aurora" });
};
const hipaa = (config: AwsConfig): void => {
  Object.assign(config, { compliance: "hipaa" });
  Object.assign(config.aws, {
    secondRegion: "eu-west-1",
    vault: { lock: "governance", lockDays: 30 },
    monitoring: { logRetentionDays: 2192 },
  });
};

type Change = (config: AwsConfig) => void;
const set =
  (values: Record<string, unknown>): Change =>
  ({ aws }) => {
    Object.assign(aws, values);
  };
const both =
  (...changes: readonly Change[]): Change =>
  (config) => {
    changes.forEach((change) => {
      change(config);
    });
  };
const replicas =
  (count: number): Change =>
  ({ postgres }) => {
    postgres["replicas"] = count;
  };

const weights =
  (readWeights: readonly number[]): Change =>
  ({ kubernetes }) => {
    kubernetes["poolers"] = { readWeights };
  };

test.each([
  ["an RDS Multi-AZ instance", () => undefined],
  ["an RDS Multi-AZ DB cluster", cluster],
  ["Aurora", aurora],
  ["everything that hipaa demands", hipaa],
  ["as many weights as replicas", both(replicas(2), weights([1, 2]))],
  ["a weight of a primary that serves the reads", both(replicas(0), weights([1]))],
  ["rotations of an instance's administrator", set({ administration: { rotations: 2 } })],
])("a good config of %s passes", (_what, change) => {
  expect(problemsOf(change)).toEqual([]);
});

describe("is refused before anything is asked of AWS:", () => {
  test.each<[string, Change, RegExp]>([
    [
      "a wrong region",
      set({ region: "eu-central-9" }),
      /^howdah:aws\.region: found "eu-central-9"; allowed: .*eu-central-1/,
    ],
    ["an account that is none", set({ account: 111122223333 }), /^howdah:aws\.account: .*in quotes/],
    [
      "a zone of another region",
      set({ zones: ["eu-central-1a", "eu-west-1b"] }),
      /^howdah:aws\.zones: found "eu-west-1b"; allowed in eu-central-1/,
    ],
    ["one zone twice", set({ zones: ["eu-central-1a", "eu-central-1a"] }), /^howdah:aws\.zones: .*a zone twice/],
    [
      "a cluster in two zones",
      both(cluster, set({ zones: ["eu-central-1a", "eu-central-1b"] })),
      /^howdah:aws\.zones: found 2; .*three/,
    ],
    ["a second region that is the first", set({ secondRegion: "eu-central-1" }), /^howdah:aws\.secondRegion/],
    [
      "an unknown class, with a guess",
      set({ instanceClass: "db.r7g.larg" }),
      /^howdah:aws\.instanceClass: .*did you mean "db\.r7g\.large"/,
    ],
    [
      "a class without Performance Insights",
      set({ instanceClass: "db.t4g.small" }),
      /^howdah:aws\.instanceClass: .*no Performance Insights/,
    ],
    [
      "a class that a cluster cannot have",
      both(cluster, set({ instanceClass: "db.r7g.large" })),
      /^howdah:aws\.instanceClass: .*rds-cluster/,
    ],
    [
      "a class that Aurora cannot have",
      both(aurora, set({ instanceClass: "db.m7g.large" })),
      /^howdah:aws\.instanceClass: .*aurora/,
    ],
    [
      "a serverless class without capacities",
      both(aurora, set({ instanceClass: "db.serverless" })),
      /^howdah:aws\.instanceClass: .*without howdah:aws\.aurora\.serverless/,
    ],
    [
      "Aurora with a Multi-AZ flag",
      both(aurora, set({ multiAz: true })),
      /^howdah:aws\.multiAz: found true with topology aurora/,
    ],
    ["Aurora's section elsewhere", set({ aurora: {} }), /^howdah:aws\.aurora: found with topology rds-instance/],
    [
      "fewer readers than replicas",
      both(aurora, replicas(3), set({ aurora: { autoscaling: { max: 2 } } })),
      /^howdah:aws\.aurora\.autoscaling\.max/,
    ],
    [
      "a cluster of four",
      both(cluster, replicas(3)),
      /^howdah:postgres\.replicas: found 3; allowed with topology rds-cluster: 2, always/,
    ],
    [
      "replicas without backups",
      set({ backupRetentionDays: 0 }),
      /^howdah:aws\.backupRetentionDays: found 0 with 1 replicas/,
    ],
    [
      "storage too small for the IOPS",
      set({ storage: { size: "100 GB", iops: 12_000 } }),
      /^howdah:aws\.storage\.iops: found 12000 for "100 GB" of gp3/,
    ],
    [
      "io2 without IOPS",
      set({ storage: { size: "200 GB", type: "io2" } }),
      /^howdah:aws\.storage\.iops: found nothing; required with io2/,
    ],
    [
      "storage that Aurora takes no size for",
      both(aurora, set({ storage: { size: "200 GB" } })),
      /^howdah:aws\.storage: found with topology aurora, .*omit it/,
    ],
    [
      "a rotation that RDS makes by itself",
      both(cluster, set({ administration: { rotations: 1 } })),
      /^howdah:aws\.administration\.rotations: found 1 with topology rds-cluster/,
    ],
    [
      "weights of replicas that are not there",
      both(replicas(2), weights([1, 2, 3])),
      /^howdah:kubernetes\.poolers\.readWeights: found 3; allowed: at most 2/,
    ],
    [
      "weights of readers behind one endpoint",
      both(cluster, weights([1, 2])),
      /^howdah:kubernetes\.poolers\.readWeights: found 2; allowed: at most 1/,
    ],
    ["growth that is none", set({ storage: { size: "100 GB", maximum: "100 GB" } }), /^howdah:aws\.storage\.maximum/],
    [
      "a version that differs from the major",
      set({ engineVersion: "16.4" }),
      /^howdah:aws\.engineVersion: .*a minor version of 15/,
    ],
    [
      "an image whose pg_dump is older than the servers",
      both(({ postgres }) => Object.assign(postgres, { version: 16 }), set({ engineVersion: "16.10" })),
      /^howdah:kubernetes\.imagePostgres: found 15 with howdah:postgres\.version 16/,
    ],
    [
      "a cluster in a network of two subnets",
      both(
        cluster,
        set({
          network: {
            vpcId: "vpc-0f1e2d3c4b5a69788",
            subnetIds: ["subnet-0f1e2d3c4b5a69781", "subnet-0f1e2d3c4b5a69782"],
          },
        }),
      ),
      /^howdah:aws\.network\.subnetIds: .*three subnets/,
    ],
    ["a window that no clock has", set({ backupWindow: "22:00-25:00" }), /^howdah:aws\.backupWindow: /],
    [
      "a window too short to do anything",
      set({ maintenanceWindow: "sun:03:30-sun:03:40" }),
      /^howdah:aws\.maintenanceWindow: .*30 minutes/,
    ],
    ["a tag that AWS does not take", set({ tags: { "aws:mine": "x" } }), /^howdah:aws\.tags/],
    ["windows that overlap", set({ backupWindow: "03:00-04:00" }), /^howdah:aws\.backupWindow: .*overlaps/],
    [
      "a network of the whole world",
      ({ network }) => network.allow.push({ cidr: "0.0.0.0/0", reason: "world" }),
      /^howdah:network\.allow: .*"0\.0\.0\.0\/0"/,
    ],
    [
      "networks that cannot be peered",
      set({
        network: {
          cidr: "10.0.0.0/16",
          peer: { vpcId: "vpc-0f1e2d3c4b5a69788", cidr: "10.0.128.0/20", routeTableIds: ["rtb-0f1e2d3c4b5a69788"] },
        },
      }),
      /^howdah:aws\.network\.peer\.cidr/,
    ],
    [
      "memory that the class decides",
      ({ postgres }) => Object.assign(postgres, { memory: "8 GB" }),
      /^howdah:postgres\.memory: .*instanceClass determines it/,
    ],
    [
      "a budget that the class cannot carry",
      both(set({ instanceClass: "db.t4g.medium" }), ({ databases }) =>
        Object.assign(databases, { app: { applications: { app: { pool: 900 } } } }),
      ),
      /^howdah:aws\.instanceClass: found \d+ MB, but \d+ connections/,
    ],
    [
      "a max_connections that breaks the budget",
      ({ postgres }) => Object.assign(postgres, { parameters: { max_connections: 20 } }),
      /^howdah:postgres\.parameters\.max_connections: /,
    ],
    [
      "a parameter that RDS owns",
      ({ postgres }) => Object.assign(postgres, { parameters: { huge_pages: "on" } }),
      /^howdah:postgres\.parameters\.huge_pages: cannot be overridden with engine postgres/,
    ],
    [
      "a lossless objective without a standby",
      both(set({ multiAz: false }), ({ objectives }) => Object.assign(objectives, { rto: "2 hours" })),
      /^howdah:objectives\.rpo: .*without a standby/,
    ],
    [
      "a fast objective without a standby",
      both(set({ multiAz: false }), ({ objectives }) => Object.assign(objectives, { rpo: "10 minutes" })),
      /^howdah:objectives\.rto: .*"3600 seconds"/,
    ],
    [
      "a longer point in time than RDS has",
      ({ backup }) => Object.assign(backup, { pointInTime: "60 days" }),
      /^howdah:backup\.pointInTime: .*"35 days"/,
    ],
  ])("%s", (_what, change, line) => {
    expect(problemsOf(change)).toContainEqual(expect.stringMatching(line));
  });
});

describe("hipaa cannot be loosened, and each refusal names its rule:", () => {
  const loosened = (change: Change): Change => both(hipaa, change);
  test.each<[string, Change]>([
    ["hipaa-log-retention", set({ monitoring: { logRetentionDays: 365 } })],
    ["hipaa-data-backup", set({ backupRetentionDays: 1 })],
    ["hipaa-vault-lock", set({ vault: { lock: "none", lockDays: 30 } })],
    ["hipaa-vault-lock-days", set({ vault: { lock: "governance", lockDays: 7 } })],
    ["hipaa-second-copy", set({ secondRegion: undefined })],
    ["hipaa-deletion-protection", set({ finalSnapshot: false })],
    ["hipaa-deletion-protection", set({ deletionProtection: false })],
    ["hipaa-narrow-network", ({ network }) => network.allow.push({ cidr: "10.0.0.0/8", reason: "everybody" })],
    ["hipaa-data-backup", ({ backup }) => Object.assign(backup, { pointInTime: "7 days" })],
    ["hipaa-long-term-backup", ({ backup }) => Object.assign(backup, { tiers: { monthly: { kept: "90 days" } } })],
    ["hipaa-long-term-backup", ({ backup }) => Object.assign(backup, { tiers: { monthly: { schedule: null } } })],
    ["hipaa-restore-testing", ({ backup }) => Object.assign(backup, { drill: { overdue: "60 days" } })],
    ["hipaa-emergency-mode", replicas(0)],
    ["hipaa-audit-controls", ({ postgres }) => (postgres["parameters"] = { "pgaudit.log": "ddl" })],
    [
      "hipaa-automatic-logoff",
      ({ databases }) =>
        Object.assign(databases, { app: { applications: { app: { idleInTransactionTimeout: "1 hour" } } } }),
    ],
  ])("%s", (rule, change) => {
    expect(problemsOf(loosened(change))).toContainEqual(expect.stringContaining(`required by ${rule} (45 CFR `));
  });

  test("hipaa-multi-az", () => {
    const slow = both(hipaa, set({ multiAz: false }), ({ objectives }) =>
      Object.assign(objectives, { rto: "1 day", rpo: "1 hour" }),
    );
    expect(problemsOf(slow)).toEqual([expect.stringContaining("required by hipaa-multi-az")]);
  });

  test("the same values pass without the profile", () => {
    expect(problemsOf(set({ monitoring: { logRetentionDays: 7 } }))).toEqual([]);
  });
});
