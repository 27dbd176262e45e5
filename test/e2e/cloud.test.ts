import { administratorLogin } from "../../components/platforms/aws/servers/servers";
import { callsOf, setFaults } from "../simulation/faults";
import { type CloudStep, CloudStack, configOf } from "../support/cloud-stack";
import { type RdsLike, startRdsLike } from "../support/rds-like";

jest.setTimeout(180_000);

const instance = "aws:rds/instance:Instance";

/** What holds data, or what data cannot be read without. */
const holdsData = new Set([
  instance,
  "aws:backup/vault:Vault",
  "aws:kms/key:Key",
  "aws:rds/cluster:Cluster",
  "aws:rds/clusterInstance:ClusterInstance",
  "aws:s3/bucket:Bucket",
  "aws:secretsmanager/secret:Secret",
  "postgresql:index/database:Database",
  "postgresql:index/schema:Schema",
]);

/** Operations without the properties, as one line each. */
const lines = (steps: readonly CloudStep[]): string[] => steps.map(({ op, name }) => `${op} ${name}`);

type Keys = Record<string, Record<string, unknown>>;

/** Cases that every stack has to pass, on a stack of its own. @param broken a type whose first creation fails */
function cases(name: "staging" | "prod", broken: string): { stack: () => CloudStack; server: () => RdsLike } {
  let server: RdsLike;
  let stack: CloudStack;

  beforeAll(async () => {
    server = await startRdsLike(administratorLogin);
    stack = new CloudStack(`cloud-${name}`, configOf(name), server);
    await stack.start();
  }, 300_000);

  afterAll(async () => {
    stack.remove();
    await server.stop();
  });

  test("a creation that fails in the middle fails the up, and the next up completes it; throttled calls are tried again", async () => {
    const { root } = stack.world;
    setFaults(root, {
      failures: [{ type: broken, operation: "create", error: "InternalFailure: of the test" }],
      throttle: [{ type: "aws:kms/key:Key", calls: 2 }],
    });
    const failed = await stack.tryUp();
    expect(failed.output).toContain("InternalFailure: of the test");
    expect(failed.code).not.toBe(0);
    expect(stack.world.all(broken).length).toBeLessThan(3);
    const begun = stack.world.all("aws:kms/key:Key").map(({ id }) => id);
    expect(begun.length).toBeGreaterThan(2);
    await stack.up();
    // Nothing that was there has been made twice.
    expect(stack.world.all("aws:kms/key:Key").map(({ id }) => id)).toEqual(begun);
    expect(callsOf(root).filter(({ outcome }) => outcome === "throttled")).toHaveLength(2);
  });

  test("a second preview is empty, with and without a look at the world", async () => {
    expect(await stack.plan()).toEqual([]);
    expect(await stack.plan("--refresh")).toEqual([]);
  });

  return { stack: () => stack, server: () => server };
}

/** What the next up would do with another config. */
async function planWith(stack: CloudStack, change: (keys: Keys) => void): Promise<CloudStep[]> {
  const before = stack.config;
  stack.config = structuredClone(before);
  change(stack.config as Keys);
  try {
    return await stack.plan();
  } finally {
    stack.config = before;
  }
}

/** A new major version, as somebody would write it into the config. */
function majorUpgrade(keys: Keys): void {
  keys["postgres"]!["version"] = 16;
  keys["aws"]!["engineVersion"] = "16.10";
  keys["aws"]!["upgrade"] = { major: true };
  keys["kubernetes"]!["imagePostgres"] = 16;
}

describe("staging", () => {
  const { stack } = cases("staging", instance);

  test.each<[string, (keys: Keys) => void, string[]]>([
    [
      "another instance class",
      ({ aws }) => (aws!["instanceClass"] = "db.r7g.xlarge"),
      [
        "update cloud-backups-restore-test-selection",
        "update cloud-servers-postgres15",
        "update cloud-servers-primary",
        "update cloud-servers-replica1",
      ],
    ],
    [
      "more storage",
      ({ aws }) => (aws!["storage"] = { size: "200 GB", maximum: "900 GB" }),
      ["update cloud-servers-primary", "update cloud-servers-replica1"],
    ],
    [
      "a parameter",
      ({ postgres }) => (postgres!["parameters"] = { log_min_duration_statement: "500 ms" }),
      ["update cloud-servers-postgres15"],
    ],
    [
      "a rotated password",
      ({ databases }) => {
        const { app } = (databases!["app"] as { applications: Record<string, Record<string, unknown>> }).applications;
        app!["rotations"] = 1;
      },
      [
        "create access-login-app_b-password",
        "create access-login-app_b-salt",
        "create access-role-app_b",
        "update cloud-lookup-app",
        "update cloud-secrets-app-value",
      ],
    ],
    [
      "one more replica",
      ({ postgres }) => (postgres!["replicas"] = 2),
      [
        "update cloud-backups-drill-policy",
        "update cloud-backups-dump-policy",
        "update cloud-backups-maintenance-policy",
        "update cloud-backups-metrics-policy",
        "create cloud-records-instance-howdah-cloud-staging-replica2-postgresql",
        "create cloud-records-instance-howdah-cloud-staging-replica2-upgrade",
        "create cloud-servers-replica2",
        "create workloads-exporters-replica2",
        "update workloads-pooler-configuration",
        "update workloads-pooler-secrets",
      ],
    ],
  ])("%s is exactly its operations", async (_what, change, expected) => {
    expect(lines(await planWith(stack(), change))).toEqual(expected);
  });

  test("a tag changes what has tags, and makes and deletes nothing", async () => {
    const steps = await planWith(stack(), ({ aws }) => (aws!["tags"] = { ...(aws!["tags"] as object), owner: "me" }));
    expect(steps.length).toBeGreaterThan(10);
    expect(steps.filter(({ op }) => op !== "update")).toEqual([]);
    const other = steps.filter(({ type, properties }) => type.startsWith("aws:") && properties.join() !== "tagsAll");
    expect(other).toEqual([]);
  });

  test("changes behind its back show with a refresh, and up repairs them", async () => {
    const { world } = stack();
    const [budget] = world.all("kubernetes:policy/v1:PodDisruptionBudget");
    world.remove(budget!);
    world.edit(instance, "cloud-servers-primary", { backupRetentionPeriod: 1 });
    // Storage that has grown by itself, and a minor version that AWS has installed, are no drift.
    world.edit(instance, "cloud-servers-primary", { allocatedStorage: 150, engineVersionActual: "15.15" });
    expect(await stack().plan()).toEqual([]);
    const found = await stack().plan("--refresh");
    expect(lines(found)).toEqual(["update cloud-servers-primary", `create ${budget!.name}`]);
    expect(found[0]?.properties).toEqual(["backupRetentionPeriod"]);
    await stack().up("--refresh");
    expect(world.all("kubernetes:policy/v1:PodDisruptionBudget")).toHaveLength(1);
    expect(await stack().plan("--refresh")).toEqual([]);
  });

  test("a major upgrade keeps every server, its data and its old parameter group", async () => {
    const { world } = stack();
    const kept = () => world.all().filter(({ type }) => holdsData.has(type)).map(({ type, id }) => `${type} ${id}`).sort();
    const before = kept();
    majorUpgrade(stack().config as Keys);
    await stack().up();
    expect(kept()).toEqual(before);
    expect(world.one(instance, "cloud-servers-primary").state).toMatchObject({ engineVersionActual: "16.10" });
    const groups = world.all("aws:rds/parameterGroup:ParameterGroup").map(({ state }) => state["family"]);
    expect(groups.sort()).toEqual(["postgres15", "postgres16"]);
  }); // prettier-ignore
});

describe("prod", () => {
  const { stack, server } = cases("prod", "aws:backup/vault:Vault");

  test("once RDS has rotated the administrator's password, the program has to run for a look at the roles", async () => {
    await server().rotate();
    await expect(stack().plan("--refresh")).rejects.toThrow(/password authentication failed/);
    // The two that log in as the administrator.
    const users = ["update access-server", "update cloud-lookup-app"];
    expect(lines(await stack().plan("--refresh", "--run-program"))).toEqual(users);
    await stack().up();
    expect(await stack().plan("--refresh")).toEqual([]);
  });

  test("a major upgrade replaces and deletes nothing that holds data", async () => {
    const steps = await planWith(stack(), majorUpgrade);
    expect(lines(steps)).toContain("update cloud-servers-cluster");
    expect(steps.filter(({ op, type }) => op !== "update" && holdsData.has(type))).toEqual([]);
  });

  // The control of the one above: this plan does replace.
  test("another network replaces what cannot move, and the preview says so", async () => {
    const steps = await planWith(stack(), ({ aws }) => {
      aws!["network"] = { ...(aws!["network"] as object), cidr: "10.40.0.0/20" };
    });
    expect(steps.filter(({ op, type }) => op === "replace" && type === "aws:ec2/vpc:Vpc")).toHaveLength(1);
  });

  test("its servers keep their names when one class takes the place of another", async () => {
    const steps = await planWith(stack(), ({ aws }) => (aws!["instanceClass"] = "db.r6gd.4xlarge"));
    expect(lines(steps)).toEqual(["update cloud-servers-cluster", "update cloud-servers-postgres15"]);
  });
});
