import { graphOf, graphText, sharedNames } from "../../../../dev/graph/graph";
import { outputsOf, type Registered } from "../../../../dev/graph/recorder";

const signature = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown) => ({ [signature]: "1b47061264138c4ac30d75fd1eb44270", value });

const one = (more: Partial<Registered>): Registered => ({
  type: "aws:kms/key:Key",
  name: "key",
  inputs: {},
  dependsOn: [],
  parent: undefined,
  provider: undefined,
  ...more,
});
const context = { region: "eu-central-1", checkout: "/home/somebody/howdah" };
const only = (more: Partial<Registered>) => graphOf([one(more)], context)[0]!;

describe("a graph", () => {
  test("is the same whatever the order of registration, of keys and of dependencies", () => {
    const a = one({ name: "a", inputs: { x: 1, y: { b: 2, a: 1 } }, dependsOn: ["c", "b"] });
    const again = one({ name: "a", inputs: { y: { a: 1, b: 2 }, x: 1 }, dependsOn: ["b", "c"] });
    const b = one({ name: "b" });
    const twin = one({ name: "a", type: "howdah:aws:Keys" });
    expect(graphText(graphOf([b, a, twin], context))).toBe(graphText(graphOf([twin, again, b], context)));
    expect(graphOf([b, twin, a], context).map(({ name, type }) => `${name} ${type}`)).toEqual([
      "a aws:kms/key:Key",
      "a howdah:aws:Keys",
      "b aws:kms/key:Key",
    ]);
  });

  test("hides secrets at any depth, keeps their shape, and hides nothing else", () => {
    const inputs = { open: "o", hidden: secret("s3cret"), list: [{ deep: secret({ a: "s3cret", b: [secret(1)] }) }] };
    expect(only({ inputs }).inputs).toEqual({
      open: "o",
      hidden: "[secret]",
      list: [{ deep: { a: "[secret]", b: ["[secret]"] } }],
    });
  });

  test("says the region of what has one: its own, else the stack's", () => {
    expect(only({}).region).toBe("eu-central-1");
    expect(only({ inputs: { region: "eu-west-1", a: 1 } })).toMatchObject({ region: "eu-west-1", inputs: { a: 1 } });
    expect(only({ type: "aws:iam/role:Role" })).not.toHaveProperty("region");
    expect(only({ type: "random:index/randomPassword:RandomPassword" })).not.toHaveProperty("region");
  });

  test("names no folder of this machine", () => {
    expect(only({ inputs: { file: "/home/somebody/howdah/.build/ca.pem" } }).inputs).toEqual({
      file: "./.build/ca.pem",
    });
  });

  test("tells names that two AWS resources share, and lets a component have its main resource's", () => {
    const key = one({ name: "a" });
    expect(sharedNames(graphOf([key, one({ name: "a", type: "aws:kms/alias:Alias" })], context))).toEqual(["a"]);
    expect(sharedNames(graphOf([key, one({ name: "a", type: "howdah:aws:Keys" })], context))).toEqual([]);
  });
});

describe("what a resource computes", () => {
  test("is a reference to it, in lists and objects too; what the program gives stays", () => {
    expect(outputsOf("aws:rds/instance:Instance", "db", { identifier: "mine", port: 5433 })).toMatchObject({
      identifier: "mine",
      port: 5433,
      arn: "${db.arn}",
      masterUserSecrets: [{ secretArn: "${db.masterUserSecrets.0.secretArn}" }],
    });
    expect(outputsOf("kubernetes:core/v1:ConfigMap", "c", { metadata: { namespace: "n" } })).toEqual({
      metadata: { name: "${c.metadata.name}", namespace: "n", uid: "${c.metadata.uid}" },
    });
  });

  test("of an unknown type is refused, with the place to add it", () => {
    expect(() => outputsOf("aws:rds/proxy:Proxy", "p", {})).toThrow(
      "unknown resource type aws:rds/proxy:Proxy: add a row to dev/graph/computed.ts",
    );
  });
});
