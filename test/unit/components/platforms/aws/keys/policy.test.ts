import { keyPolicy, type KeyPolicyInput } from "../../../../../../components/platforms/aws/keys/policy";

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal: { readonly AWS?: string | string[]; readonly Service?: string };
  readonly Action: string[];
  readonly Condition?: Record<string, Record<string, unknown>>;
}

const admin = "arn:aws:iam::111122223333:role/admin";
const input: KeyPolicyInput = {
  account: "111122223333",
  region: "eu-central-1",
  administrators: [admin],
  through: ["rds", "backup"],
};
const statements = (given: KeyPolicyInput = input): Statement[] =>
  (JSON.parse(keyPolicy(given)) as { Statement: Statement[] }).Statement;

const uses = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:CreateGrant"];

test("administrators administer, and cannot use", () => {
  const own = statements().filter(({ Principal }) => JSON.stringify(Principal).includes(admin));
  expect(own).toHaveLength(1);
  expect(own[0]!.Action).toContain("kms:PutKeyPolicy");
  expect(own[0]!.Action.filter((action) => uses.includes(action))).toEqual([]);
});

test("the key is used only through its services, and from this account", () => {
  const others = statements().filter(({ Principal }) => !JSON.stringify(Principal).includes(admin));
  expect(others.length).toBeGreaterThan(1);
  for (const { Condition } of others)
    expect(Condition?.["StringEquals"]).toEqual({
      "kms:CallerAccount": "111122223333",
      "kms:ViaService": ["backup.eu-central-1.amazonaws.com", "rds.eu-central-1.amazonaws.com"],
    });
});

test("grants are for services of AWS alone", () => {
  const granting = statements().filter(({ Action }) => Action.includes("kms:CreateGrant"));
  expect(granting).toHaveLength(1);
  expect(granting[0]!.Condition?.["Bool"]).toEqual({ "kms:GrantIsForAWSResource": "true" });
});

test("a service that uses the key by itself does so under its conditions", () => {
  const conditions = { StringEquals: { "aws:SourceAccount": "111122223333" } };
  const services = [{ principal: "events.amazonaws.com", conditions }];
  const own = statements({ ...input, services }).filter(({ Principal }) => Principal.Service !== undefined);
  expect(own).toHaveLength(1);
  expect(own[0]!.Condition).toEqual(conditions);
});

test("no action is a whole service, and no principal is everybody", () => {
  const text = keyPolicy(input);
  expect(text).not.toMatch(/"kms:\*"|"AWS":"\*"|"Principal":"\*"/);
});

test("the order of administrators and services makes no difference", () => {
  const other = `${admin}-2`;
  const one = { ...input, administrators: [admin, other] };
  expect(keyPolicy({ ...one, administrators: [other, admin], through: ["backup", "rds"] })).toBe(keyPolicy(one));
});

test("a service that works by itself does what it has to, and no more", () => {
  const actions = ["kms:Decrypt", "kms:GenerateDataKey*"];
  const [own] = statements({ ...input, services: [{ principal: "events.amazonaws.com", actions }] }).filter(
    ({ Principal }) => Principal.Service === "events.amazonaws.com",
  );
  expect(own).toMatchObject({ Action: actions });
});
