import fc from "fast-check";
import { parseSettings } from "../../../../stacks/config/settings";
import { ConfigError } from "../../../../stacks/config/error";
import { type AwsConfig, awsConfig } from "../../../support/clouds/aws-config";

/** Lines of the error after a change of the config, without the first. */
function problemsOf(change: (config: AwsConfig) => void, stack?: string): string[] {
  const config = awsConfig();
  change(config);
  try {
    parseSettings(config, stack);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n  ").slice(1);
    throw error;
  }
  return [];
}

const withAws =
  (keys: Record<string, unknown>) =>
  ({ aws }: AwsConfig): void => {
    Object.assign(aws, keys);
  };

const group = (securityGroupId: string) => ({ securityGroupId, reason: "a test" });
const subnet = "subnet-0f1e2d3c4b5a69781";
const routeTable = "rtb-0f1e2d3c4b5a69788";
const administrator = "arn:aws:iam::111122223333:role/admin";

test.each<[string, Record<string, unknown>, string]>([
  [
    "a subnet",
    { network: { vpcId: "vpc-0f1e2d3c4b5a69788", subnetIds: [subnet, subnet] } },
    `howdah:aws.network.subnetIds: found "${subnet}" more than once; name each once`,
  ],
  [
    "a route table",
    {
      network: {
        cidr: "10.30.0.0/20",
        peer: { vpcId: "vpc-0f1e2d3c4b5a69788", cidr: "10.20.0.0/16", routeTableIds: [routeTable, routeTable] },
      },
    },
    `howdah:aws.network.peer.routeTableIds: found "${routeTable}" more than once; name each once`,
  ],
  [
    "a security group",
    { clientSecurityGroups: [group("sg-0123456789abcdef0"), group("sg-0123456789abcdef0")] },
    'howdah:aws.clientSecurityGroups: found "sg-0123456789abcdef0" more than once; name each once',
  ],
  [
    "an administrator of the keys",
    { keyAdministrators: [administrator, administrator] },
    `howdah:aws.keyAdministrators: found "${administrator}" more than once; name each once`,
  ],
])("%s that is there twice is refused", (_what, keys, problem) => {
  expect(problemsOf(withAws(keys))).toEqual([problem]);
});

const tags = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, "value"]));

describe("tags", () => {
  test("are 49 at most, since the program adds one", () => {
    expect(problemsOf(withAws({ tags: tags(49) }))).toEqual([]);
    expect(problemsOf(withAws({ tags: tags(50) }))).toEqual([
      "howdah:aws.tags: found 50 tags; allowed: at most 49, because AWS allows 50 and howdah:stack is one of them",
    ]);
  });

  test("leave the program's own alone", () => {
    expect(problemsOf(withAws({ tags: { "howdah:stack": "other" } }))).toEqual([
      'howdah:aws.tags["howdah:stack"]: found a tag that the program itself sets, to the stack\'s name; remove it',
    ]);
  });

  test("differ in more than case, as IAM asks", () => {
    expect(problemsOf(withAws({ tags: { Team: "a", team: "b", other: "c" } }))).toEqual([
      'howdah:aws.tags: found "Team", "team", which IAM treats as the same key; allowed: keys that differ in more than case',
    ]);
  });

  test.each([
    ["a key of 128 characters", { ["k".repeat(128)]: "v" }, 0],
    ["a key of 129 characters", { ["k".repeat(129)]: "v" }, 1],
    ["a value of 256 characters", { key: "v".repeat(256) }, 0],
    ["a value of 257 characters", { key: "v".repeat(257) }, 1],
    ["a key of AWS's own", { "aws:key": "v" }, 1],
    ["a key of AWS's own in capitals", { "AWS:key": "v" }, 1],
  ])("with %s", (_what, given, count) => {
    expect(problemsOf(withAws({ tags: given }))).toHaveLength(count);
  });
});

test("a stack whose name makes no identifier of RDS is refused, unless config names one", () => {
  expect(problemsOf(() => undefined, "Prod_EU")).toEqual([
    'howdah:aws.identifier: found nothing, and the default "howdah-Prod_EU" is not a valid RDS identifier; allowed: at most 40 lower-case letters, digits and single hyphens, such as "howdah-prod-eu"',
  ]);
  expect(problemsOf(withAws({ identifier: "howdah-prod-eu" }), "Prod_EU")).toEqual([]);
  expect(problemsOf(() => undefined, "prod-eu")).toEqual([]);
});

describe("labels of Kubernetes", () => {
  const clients = (podLabels: Record<string, string>) => (config: AwsConfig) => {
    config.kubernetes["clients"] = [{ namespace: "shop", podLabels }];
  };

  test.each([[{ app: "web" }], [{ "app.kubernetes.io/name": "" }], [{ a: "A_b.c-1" }]])("may be %j", (podLabels) => {
    expect(problemsOf(clients(podLabels as Record<string, string>))).toEqual([]);
  });

  test.each([[{ app: "a b" }], [{ "-app": "web" }], [{ "a/b/c": "web" }], [{ app: "x".repeat(64) }], [{ app: "x-" }]])(
    "may not be %j",
    (podLabels) => {
      expect(problemsOf(clients(podLabels as Record<string, string>))).toHaveLength(1);
    },
  );

  test("are taken exactly if each part is one of 63 characters with letters or digits at the ends", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 70 }), (value) => {
        const good =
          value === "" ||
          (value.length <= 63 && /^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(value) && !value.includes("\n"));
        expect(problemsOf(clients({ app: value })).length === 0).toBe(good);
      }),
    );
  });
});
