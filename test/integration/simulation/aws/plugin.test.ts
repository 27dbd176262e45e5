import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { computed } from "../../../../dev/graph/computed";
import { checkout } from "../../../../lib/paths";
import { callsOf, setFaults } from "../../../simulation/faults";
import { valueAt } from "../../../simulation/difference";
import { Talk } from "../../../simulation/talk";
import { World } from "../../../simulation/world";
import { awsPlugin, rows } from "../../../simulation/aws/plugin";
import { untagged } from "../../../simulation/aws/untagged";

let world: World;
let aws: Talk;

async function start(): Promise<void> {
  world = new World(mkdtempSync(join(tmpdir(), "howdah-world-")));
  const defaultTags = JSON.stringify({ tags: { stack: "test" } });
  aws = await Talk.start(awsPlugin(world), {
    region: "eu-central-1",
    allowedAccountIds: '["444455556666"]',
    defaultTags,
  });
}
async function stop(): Promise<void> {
  await aws.stop();
  rmSync(world.root, { recursive: true });
}

/** A world for each test of a group. */
function reset(): void {
  beforeEach(start);
  afterEach(stop);
}
/** One world for all tests of a group, each of which makes one thing, of a type of its own. */
function once(): void {
  beforeAll(start);
  afterAll(stop);
}

const instance = "aws:rds/instance:Instance";
const settings = {
  identifier: "db",
  engine: "postgres",
  engineVersion: "15",
  instanceClass: "db.r7g.large",
  allocatedStorage: 100,
  maxAllocatedStorage: 500,
  username: "admin",
  manageMasterUserPassword: true,
  skipFinalSnapshot: true,
};
const managed = (state: Record<string, unknown>) =>
  (state["masterUserSecrets"] as { secretArn: string }[])[0]!.secretArn;

describe("what AWS computes", () => {
  reset();

  test("has its shapes, in the account and region of the provider", async () => {
    const { id, state } = await aws.create(instance, "db", settings);
    expect(id).toMatch(/^db-[A-Z0-9]{26}$/);
    expect(state).toMatchObject({
      ...settings,
      arn: "arn:aws:rds:eu-central-1:444455556666:db:db",
      resourceId: id,
      engineVersionActual: "15.14",
      region: "eu-central-1",
      tagsAll: { stack: "test" },
    });
    expect(state["endpoint"]).toMatch(/^db\.c[a-z0-9]{11}\.eu-central-1\.rds\.amazonaws\.com:5432$/);
    expect(managed(state)).toMatch(
      /^arn:aws:secretsmanager:eu-central-1:444455556666:secret:rds!db-[0-9a-f-]{36}-\w{6}$/,
    );
    const key = await aws.create("aws:kms/key:Key", "key", { region: "eu-west-1" });
    expect(key.state["arn"]).toBe(`arn:aws:kms:eu-west-1:444455556666:key/${key.id}`);
  });

  test("stays as long as the thing does", async () => {
    const made = await aws.create(instance, "db", settings);
    const later = await aws.update(made, { ...settings, instanceClass: "db.r7g.xlarge" });
    expect(later.state).toEqual({ ...made.state, instanceClass: "db.r7g.xlarge" });
  });

  test("is known in the preview of an update", async () => {
    const made = await aws.create(instance, "db", settings);
    const previewed = await aws.update(made, { ...settings, instanceClass: "db.r7g.xlarge" }, true);
    expect(previewed.state).toEqual({ ...made.state, instanceClass: "db.r7g.xlarge" });
    expect(world.one(instance, "db").state).toEqual(made.state);
  });

  test("every AWS type of the graph tool is simulated", () => {
    expect(Object.keys(computed).filter((type) => type.startsWith("aws:") && !(type in rows))).toEqual([]);
  });
});

describe("what AWS computes of", () => {
  once();

  // Inputs that some types cannot be made without; the rest are made from nothing.
  test.each(Object.keys(rows))("%s is at least what the graph tool says", async (type) => {
    const paths = computed[type];
    if (paths === undefined) return;
    const { state } = await aws.create(type, "one", {
      manageMasterUserPassword: true,
      engineVersion: "15",
    });
    const missing = paths.filter((path) => {
      const [list = "", index, key = ""] = path.split(".");
      if (index !== "0") return valueAt(state, path) === undefined;
      return (state[list] as Record<string, unknown>[])[0]?.[key] === undefined;
    });
    expect(missing).toEqual([]);
  });
});

/** Names of the properties of a type, as its package has them. */
function propertiesOf(type: string): Set<string> {
  const [, module = "", resource = ""] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
  const text = readFileSync(join(checkout, "node_modules/@pulumi/aws", module, `${resource}.d.ts`), "utf8");
  return new Set([...text.matchAll(/^ {4}(?:readonly )?(\w+)\??: /gm)].map(([, name = ""]) => name));
}

describe("the row", () => {
  once();

  test.each(Object.entries(rows))(
    "of %s names only properties that the type has, and all of its tags",
    async (type, row) => {
      const known = propertiesOf(type);
      const { state } = await aws.create(type, "one", {});
      const named = [...(row.replacing ?? []), ...Object.keys(state), ...(row.name === undefined ? [] : [row.name])];
      expect(named.filter((name) => !known.has(name))).toEqual([]);
      expect(untagged.has(type)).toBe(!known.has("tagsAll"));
    },
  );
});

describe("names", () => {
  reset();

  test("are made up where the program gives none, stay, and are new for a replacement", async () => {
    const role = await aws.create("aws:iam/role:Role", "job", { assumeRolePolicy: "{}" });
    expect(role.state["name"]).toMatch(/^job-[0-9a-f]{7}$/);
    expect((await aws.check(role.urn, { assumeRolePolicy: "{}" }, role.inputs))["name"]).toBe(role.state["name"]);
    expect((await aws.check(role.urn, { assumeRolePolicy: "{}" }))["name"]).not.toBe(role.state["name"]);
  });

  test("exist once in a region", async () => {
    await aws.create(instance, "db", settings);
    await expect(aws.create(instance, "db2", settings)).rejects.toThrow("AlreadyExists");
    await aws.create(instance, "db3", { ...settings, region: "eu-west-1" });
    await aws.create("aws:s3/bucket:Bucket", "bucket", { bucket: "mine" });
    await expect(aws.create("aws:s3/bucket:Bucket", "bucket2", { bucket: "mine" })).rejects.toThrow("AlreadyExists");
  });
});

describe("a change", () => {
  reset();

  test.each<[string, Record<string, unknown>, Record<string, string>]>([
    ["of nothing is none", {}, {}],
    ["of the class is an update", { instanceClass: "db.r7g.xlarge" }, { instanceClass: "update" }],
    ["of the major version is an update", { engineVersion: "16" }, { engineVersion: "update" }],
    ["of the master user is a replacement", { username: "other" }, { username: "replace" }],
    ["of encryption is a replacement", { storageEncrypted: true }, { storageEncrypted: "replace" }],
    ["of the region is a replacement", { region: "eu-west-1" }, { region: "replace" }],
  ])("%s", async (_what, change, expected) => {
    const made = await aws.create(instance, "db", settings);
    expect(await aws.diff(made, { ...settings, ...change })).toEqual(expected);
  });

  test("of the version across major ones needs the flag, and a parameter group of the new family", async () => {
    const made = await aws.create(instance, "db", settings);
    await expect(aws.update(made, { ...settings, engineVersion: "16" })).rejects.toThrow("AllowMajorVersionUpgrade");
    const group = { name: "g15", family: "postgres15" };
    await aws.create("aws:rds/parameterGroup:ParameterGroup", "g15", group);
    const news = { ...settings, engineVersion: "16", allowMajorVersionUpgrade: true };
    await expect(aws.update(made, { ...news, parameterGroupName: "g15" })).rejects.toThrow("postgres15");
    expect((await aws.update(made, news)).state["engineVersionActual"]).toBe("16.10");
  });

  test("behind the engine's back shows after a read; storage that has grown by itself does not", async () => {
    const made = await aws.create(instance, "db", settings);
    world.edit(instance, "db", { instanceClass: "db.t4g.micro", allocatedStorage: 200 });
    expect(await aws.diff((await aws.read(made))!, settings)).toEqual({ instanceClass: "update" });
    world.remove(world.one(instance, "db"));
    expect(await aws.read(made)).toBeUndefined();
  });

  test("of the provider's tags reaches what is tagged", async () => {
    const made = await aws.create(instance, "db", settings);
    const other = await Talk.start(awsPlugin(world), { region: "eu-central-1", allowedAccountIds: '["444455556666"]' });
    expect(await other.diff(made, settings)).toEqual({ tagsAll: "update" });
    await other.stop();
  });
});

describe("a deletion", () => {
  reset();

  test("is refused for what is protected, and for a bucket with something in it", async () => {
    const kept = await aws.create(instance, "db", { ...settings, deletionProtection: true });
    await expect(aws.delete(kept)).rejects.toThrow("Cannot delete protected DB Instance");
    const open = await aws.update(kept, { ...settings, deletionProtection: false });
    await aws.delete(open);
    expect(world.all(instance)).toEqual([]);
    const bucket = await aws.create("aws:s3/bucket:Bucket", "bucket", { bucket: "mine" });
    world.putObject("mine", "a/b.json", "{}");
    await expect(aws.delete(bucket)).rejects.toThrow("BucketNotEmpty");
  });
});

describe("data sources", () => {
  reset();

  test("give the managed password of a server, and a secret's newest version", async () => {
    const { state } = await aws.create(instance, "db", settings);
    const token = "aws:secretsmanager/getSecretVersion:getSecretVersion";
    const { secretString } = await aws.invoke(token, { secretId: managed(state) });
    expect(String(secretString)).toMatch(/^\{"username":"admin","password":"[\w-]{43}"\}$/);
    const secret = await aws.create("aws:secretsmanager/secret:Secret", "s", {});
    const version = { secretId: secret.id, secretString: "v" };
    await aws.create("aws:secretsmanager/secretVersion:SecretVersion", "v", version);
    expect(await aws.invoke(token, { secretId: secret.id })).toMatchObject({ secretString: "v" });
    await expect(aws.invoke(token, { secretId: "nothing" })).rejects.toThrow("ResourceNotFoundException");
  });

  test("list and read the objects of a bucket", async () => {
    world.putObject("mine", "drills/1.json", '{"a":1}');
    world.putObject("mine", "dumps/1", "x");
    const list = await aws.invoke("aws:s3/getObjects:getObjects", { bucket: "mine", prefix: "drills/" });
    expect(list["keys"]).toEqual(["drills/1.json"]);
    const body = await aws.invoke("aws:s3/getObject:getObject", { bucket: "mine", key: "drills/1.json" });
    expect(body["body"]).toBe('{"a":1}');
  });

  test("others are refused by name, as are resource types", async () => {
    await expect(aws.invoke("aws:ec2/getAmi:getAmi", {})).rejects.toThrow("no data source aws:ec2/getAmi:getAmi");
    await expect(aws.create("aws:sqs/queue:Queue", "q", {})).rejects.toThrow(
      "aws has no resource type aws:sqs/queue:Queue",
    );
  });
});

describe("faults", () => {
  reset();

  test("fail the calls that they name, as often as they say", async () => {
    setFaults(world.root, {
      failures: [{ type: instance, name: "db", operation: "create", error: "InsufficientDBInstanceCapacity" }],
    });
    await expect(aws.create(instance, "db", settings)).rejects.toThrow("InsufficientDBInstanceCapacity");
    expect(world.all()).toEqual([]);
    await aws.create(instance, "db", settings);
    expect(callsOf(world.root).map(({ outcome }) => outcome)).toEqual(["failed", "done"]);
  });

  test("of throttling are retried by the plugin, but not forever", async () => {
    setFaults(world.root, { throttle: [{ type: instance, calls: 3 }] });
    await aws.create(instance, "db", settings);
    expect(callsOf(world.root).map(({ outcome }) => outcome)).toEqual(["throttled", "throttled", "throttled", "done"]);
    setFaults(world.root, { throttle: [{ type: instance, calls: 100 }] });
    await expect(aws.create(instance, "db2", { ...settings, identifier: "db2" })).rejects.toThrow(
      "ThrottlingException",
    );
  });
});
