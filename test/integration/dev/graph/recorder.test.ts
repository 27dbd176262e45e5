import * as backup from "@pulumi/aws/backup";
import * as iam from "@pulumi/aws/iam";
import * as kms from "@pulumi/aws/kms";
import * as rds from "@pulumi/aws/rds";
import * as secretsmanager from "@pulumi/aws/secretsmanager";
import * as sqs from "@pulumi/aws/sqs";
import * as ssm from "@pulumi/aws/ssm";
import * as pulumi from "@pulumi/pulumi";
import { checkout } from "../../../../lib/paths";
import { capture } from "../../../../lib/process/attended";
import { record, type Registered } from "../../../../dev/graph/recorder";
import { typescript } from "../../../support/typescript";

const recorded = async (program: () => unknown): Promise<Record<string, Registered>> =>
  Object.fromEntries((await record("test", program)).map((one) => [one.name, one]));

class Part extends pulumi.ComponentResource {
  constructor(name: string) {
    super("howdah:test:Part", name);
    new kms.Key(`${name}-key`, {}, { parent: this });
    this.registerOutputs({});
  }
}

test("references are shown whole and inside longer texts", async () => {
  const { vault, policy } = await recorded(() => {
    const key = new kms.Key("key");
    new backup.Vault("vault", { kmsKeyArn: key.arn });
    const role = new iam.Role("role", { assumeRolePolicy: "{}" });
    new iam.RolePolicy("policy", {
      role: role.name,
      policy: pulumi.jsonStringify({ Resource: [key.arn, pulumi.interpolate`${key.arn}/*`] }),
    });
  });
  expect(vault).toMatchObject({ inputs: { kmsKeyArn: "${key.arn}" }, dependsOn: ["key"] });
  expect(policy).toMatchObject({
    inputs: { role: "${role.name}", policy: '{"Resource":["${key.arn}","${key.arn}/*"]}' },
  });
  expect(policy?.dependsOn.toSorted()).toEqual(["key", "role"]);
});

test("what is waited for is named: children of a component, and an explicit provider", async () => {
  const all = await recorded(() => {
    const part = new Part("part");
    const provider = new (class extends pulumi.ProviderResource {})("aws", "cloud", {});
    new kms.Key("later", {}, { dependsOn: [part], provider });
  });
  expect(all["later"]?.dependsOn.toSorted()).toEqual(expect.arrayContaining(["cloud", "part-key"]));
  expect(all["part-key"]?.parent).toBe("part");
});

test("a secret stays one, a password from a data source too", async () => {
  const { version } = await recorded(() => {
    const db = new rds.Instance("db", { instanceClass: "db.r7g.large", manageMasterUserPassword: true });
    const secretId = db.masterUserSecrets.apply(([secret]) => secret?.secretArn ?? "");
    const { secretString } = secretsmanager.getSecretVersionOutput({ secretId });
    const password = secretString.apply((text) => (JSON.parse(text) as { password: string }).password);
    new secretsmanager.SecretVersion("version", { secretId: "s", secretString: pulumi.secret(password) });
  });
  expect(JSON.stringify(version?.inputs)).toContain("1b47061264138c4ac30d75fd1eb44270");
});

test("two programs one after the other know nothing of each other", async () => {
  await recorded(() => new kms.Key("first"));
  expect(Object.keys(await recorded(() => new kms.Key("second")))).toEqual(["second"]);
});

test("a program that throws is not taken for one that registers nothing", async () => {
  await expect(
    record("test", () => {
      throw new Error("settings are wrong");
    }),
  ).rejects.toThrow("settings are wrong");
});

test("a program that fails in a part that waits for others is an error, too", () => {
  // In a process of its own: jest keeps unhandled rejections to itself.
  const program = `
    const kms = require("@pulumi/aws/kms");
    const { record } = require("./dev/graph/recorder");
    const fail = () => { throw new Error("a late fault"); };
    record("test", () => new kms.Alias("alias", { targetKeyId: new kms.Key("key").keyId.apply(fail) }))
      .then(() => console.log("passed"), (error) => console.log("refused:", error.message));`;
  const ended = capture({
    program: process.execPath,
    args: [...typescript, "-e", program],
    cwd: checkout,
    env: { ...process.env, TSX_DISABLE_CACHE: "1" },
  });
  expect(ended.stdout).toMatch(/^refused: .*a late fault\n$/);
});

test("an unknown resource type or data source is an error", async () => {
  await expect(record("test", () => new sqs.Queue("queue"))).rejects.toThrow("aws:sqs/queue:Queue");
  await expect(record("test", () => ssm.getParameterOutput({ name: "a" }))).rejects.toThrow("getParameter");
});
