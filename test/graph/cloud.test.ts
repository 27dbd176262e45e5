import * as pulumi from "@pulumi/pulumi";
import { cloudGraph, type CloudKeys, variants } from "../support/clouds/cloud-graph";
import { clear, type Graph, hidden, type Registration, secretWord } from "../support/graph";
import type { StackOutputs } from "../../stacks/outputs";

const text = (value: unknown): string => JSON.stringify(value);
const rows = ({ registrations }: Graph<unknown>): string[] =>
  registrations.map(({ type, name, parent }) => `${type} ${parent === undefined ? "" : `${parent} / `}${name}`).sort();

const composed = new Map<string, Promise<Graph<StackOutputs>>>();

/** The graph of a variant for tests of that one alone; the variant's own tests have composed it, unless they were left out. */
function variant(name: string): Promise<Graph<StackOutputs>> {
  const found = composed.get(name) ?? cloudGraph(...variants[name]!);
  composed.set(name, found);
  return found;
}
const staging = () => variant("an RDS Multi-AZ instance");
const prod = () => variant("an RDS Multi-AZ DB cluster in a made network, with a second region");

describe.each(Object.entries(variants))("%s", (name, [stack, change]) => {
  let graph: Graph<StackOutputs>;
  let before: NodeJS.ProcessEnv;

  beforeAll(async () => {
    before = { ...process.env };
    // Always again: the last of these tests is about what composing changes.
    composed.set(name, cloudGraph(stack, change));
    graph = await variant(name);
  });

  const ofType = (pattern: RegExp): Registration[] => graph.registrations.filter(({ type }) => pattern.test(type));
  const inputsOf = (pattern: RegExp): Record<string, unknown>[] =>
    ofType(pattern).map(({ inputs }) => clear(inputs) as Record<string, unknown>);
  const servers = /^aws:rds\/(instance:Instance|cluster:Cluster)$/;

  test("every volume, snapshot, log, secret and bucket is encrypted with a customer's key", () => {
    for (const one of inputsOf(servers)) {
      const fromPrimary = one["replicateSourceDb"] !== undefined;
      expect(one["storageEncrypted"]).toBe(true);
      if (!fromPrimary) expect(one["kmsKeyId"]).toMatch(/^\$\{cloud-keys-data\./);
    }
    for (const one of inputsOf(/logGroup:LogGroup$|secret:Secret$/))
      expect(one["kmsKeyId"]).toMatch(/^\$\{cloud-keys-/);
    for (const one of inputsOf(/vault:Vault$/)) expect(one["kmsKeyArn"]).toMatch(/^\$\{cloud-keys-/);
    expect(ofType(/kms\/key:Key$/).length).toBeGreaterThanOrEqual(4);
    for (const one of inputsOf(/kms\/key:Key$/)) expect(one["enableKeyRotation"]).toBe(true);
  });

  test("no key's policy lets anybody do everything", () => {
    for (const { policy } of inputsOf(/kms\/key:Key$/)) {
      expect(policy).not.toContain("kms:*");
      expect(policy).not.toContain('"AWS":"*"');
    }
  });

  test("no server and no subnet has a public address, and none is open to the world", () => {
    for (const one of inputsOf(/rds\/(instance:Instance|clusterInstance)/))
      expect(one["publiclyAccessible"]).toBe(false);
    for (const one of inputsOf(/subnet:Subnet$/)) expect(one["mapPublicIpOnLaunch"]).toBe(false);
    expect(ofType(/internetGateway|natGateway|eip/i)).toEqual([]);
    expect(ofType(/securityGroupIngressRule/).length).toBeGreaterThan(0);
    expect(text(inputsOf(/securityGroup/))).not.toMatch(/0\.0\.0\.0\/0|::\/0/);
    for (const one of inputsOf(/securityGroup:SecurityGroup$/)) expect(one["egress"]).toBeUndefined();
  });

  test("TLS and SCRAM are forced, and what is done to schema and roles is logged", () => {
    const parameters = inputsOf(/arameterGroup$/).flatMap(
      (group) => group["parameters"] as { name: string; value: string }[],
    );
    const values = new Map(parameters.map(({ name, value }) => [name, value]));
    expect(values.get("rds.force_ssl")).toBe("1");
    expect(values.get("password_encryption")).toBe("scram-sha-256");
    expect(values.get("rds.accepted_password_auth_method")).toBe("scram");
    expect(values.get("shared_preload_libraries")).toContain("pgaudit");
    expect(values.get("pgaudit.log")).toContain("ddl");
    for (const group of ofType(/arameterGroup$/)) expect(group.name).toContain(String(group.inputs["family"]));
  });

  test("servers are watched, may be logged in to by IAM, and upgraded by AWS", () => {
    const made = inputsOf(/rds\/(instance:Instance|clusterInstance)|rds\/cluster:Cluster$/);
    // A cluster of Aurora is watched by its instances.
    for (const one of made.filter(({ engineMode }) => engineMode === undefined)) {
      expect(one["performanceInsightsEnabled"]).toBe(true);
      expect(one["monitoringInterval"]).toBe(30);
      expect(one["autoMinorVersionUpgrade"]).toBe(true);
      expect(one["caCertIdentifier"] ?? one["caCertificateIdentifier"]).toBe("rds-ca-rsa2048-g1");
    }
    for (const one of inputsOf(servers)) {
      expect(one["iamDatabaseAuthenticationEnabled"]).toBe(true);
      const ofInstance = one["identifier"] !== undefined;
      expect(one["enabledCloudwatchLogsExports"]).toEqual(ofInstance ? ["postgresql", "upgrade"] : ["postgresql"]);
      expect(one["copyTagsToSnapshot"]).toBe(true);
      if (one["replicateSourceDb"] === undefined) {
        expect(one["deletionProtection"]).toBe(true);
        expect(one["skipFinalSnapshot"]).toBe(false);
        expect(one["finalSnapshotIdentifier"]).toMatch(/-final-[0-9a-f]{8}$/);
        expect(one["backupRetentionPeriod"]).toBeGreaterThanOrEqual(14);
      }
    }
  });

  test("the administrator's password is in Secrets Manager: RDS's own, or ours where RDS keeps none", () => {
    for (const one of inputsOf(servers).filter(({ replicateSourceDb }) => replicateSourceDb === undefined)) {
      // RDS refuses replicas of an instance whose password it keeps.
      const ours = one["identifier"] !== undefined;
      expect(one["manageMasterUserPassword"]).toBe(ours ? undefined : true);
      expect(String(one["password"]).startsWith(secretWord)).toBe(ours);
      expect(ofType(/secret:Secret$/).some(({ name }) => name.includes("administrator"))).toBe(ours);
    }
  });

  test("what holds data is kept, and what holds none may go", () => {
    const keeping = ofType(servers).filter(({ inputs }) => inputs["replicateSourceDb"] === undefined);
    for (const { name, kept } of keeping) expect([name, kept]).toEqual([name, true]);
    const others = graph.registrations.filter(
      ({ type, inputs }) => type.includes("clusterInstance") || inputs["replicateSourceDb"] !== undefined,
    );
    for (const { name, kept, inputs } of others) {
      expect([name, kept]).toEqual([name, undefined]);
      expect(inputs["deletionProtection"]).toBeUndefined();
    }
  });

  test("logs have a retention, and are there before what writes them", () => {
    for (const one of inputsOf(/logGroup:LogGroup$/)) expect(one["retentionInDays"]).toBeGreaterThanOrEqual(90);
    const groups = ofType(/logGroup:LogGroup$/).filter(({ inputs }) => String(inputs["name"]).startsWith("/aws/rds/"));
    expect(groups.length).toBeGreaterThan(0);
    for (const server of ofType(servers))
      expect(server.dependencies).toEqual(expect.arrayContaining(groups.map(({ name }) => name)));
  });

  test("a name belongs to one resource, and follows its parent's", () => {
    const aws = ofType(/^aws:/).map(({ name }) => name);
    expect(aws.filter((name, index) => aws.indexOf(name) !== index)).toEqual([]);
    const astray = graph.registrations.filter(
      ({ name, parent }) => parent !== undefined && name !== parent && !name.startsWith(`${parent}-`),
    );
    expect(astray).toEqual([]);
  });

  test("a preview, where no output is known, shows every resource that up makes", async () => {
    expect(rows(await cloudGraph(stack, change, true))).toEqual(rows(graph));
  });

  test("secrets are in several places, and in none unmarked", () => {
    const holding = graph.registrations.filter(({ inputs }) => text(clear(inputs)).includes(secretWord));
    expect(holding.length).toBeGreaterThan(5);
    const unmarked = holding.filter(({ inputs }) => text(hidden(inputs)).includes(secretWord));
    expect(unmarked.map(({ name }) => name)).toEqual([]);
  });

  test("what the stack exports is secret where it has to be, and nowhere else", async () => {
    const { connections, backupKey, ...rest } = graph.result;
    expect(await pulumi.isSecret(connections)).toBe(true);
    expect(await pulumi.isSecret(backupKey)).toBe(true);
    const plain = await new Promise((resolve) => pulumi.output(rest).apply(resolve));
    expect(text(plain)).not.toContain(secretWord);
  });

  test("the program changes nothing of its environment", () => {
    expect(process.env).toEqual(before);
  });
});

test("a rotated secret is written once PgBouncer can look its login up", async () => {
  const { registrations } = await staging();
  const values = registrations.filter(({ name }) => /^cloud-secrets-.*-value$/.test(name));
  expect(values.length).toBeGreaterThan(0);
  for (const { dependencies } of values) expect(dependencies).toContain("cloud-lookup-app");
});

test("a rotation is a new password of the other login, and only of that", async () => {
  const graph = await cloudGraph("staging", ({ databases }) => {
    (databases["app"]!["applications"] as Record<string, Record<string, unknown>>)["app"]!["rotations"] = 2;
  });
  const keepers = (login: string) =>
    graph.registrations.find(({ name }) => name === `access-login-${login}-password`)?.inputs["keepers"];
  expect([keepers("app"), keepers("app_b"), keepers("reports")]).toEqual([
    { version: "1" },
    { version: "1" },
    undefined,
  ]);
});

describe("names", () => {
  test("and everything else stay when tags change", async () => {
    const tagged = await cloudGraph("staging", ({ aws }) => {
      aws["tags"] = { team: "data" };
    });
    expect(rows(tagged)).toEqual(rows(await staging()));
  });

  test("of everything else stay when a database is added", async () => {
    const before = rows(await prod());
    const more = rows(
      await cloudGraph("prod", ({ databases }: CloudKeys) => {
        Object.assign(databases, { zoo: { applications: { keeper: { pool: 12 } } } });
      }),
    );
    const fresh = more.filter((row) => !before.includes(row));
    expect(before.filter((row) => !more.includes(row))).toEqual([]);
    expect(fresh.length).toBeGreaterThan(3);
    expect(fresh.filter((row) => !/zoo|keeper/.test(row))).toEqual([]);
  });
});

test("replicas are in other zones than their neighbours", async () => {
  const graph = await cloudGraph("staging", ({ postgres }) => {
    postgres["replicas"] = 3;
  });
  const zones = graph.registrations
    .filter(({ inputs }) => inputs["replicateSourceDb"] !== undefined)
    .map(({ inputs }) => inputs["availabilityZone"]);
  expect(zones).toEqual(["eu-central-1b", "eu-central-1c", "eu-central-1a"]);
});

test("servers of Aurora are in zones of their own", async () => {
  const graph = await variant("Aurora");
  const zones = graph.registrations
    .filter(({ type }) => type === "aws:rds/clusterInstance:ClusterInstance")
    .map(({ inputs }) => inputs["availabilityZone"]);
  expect(zones).toEqual(["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
});

test("a rule whose name older versions wrote otherwise is known by that, too", async () => {
  const { registrations } = await cloudGraph("staging", (keys) => {
    const allow = ["10.9.0.0/16", "fd00::/8"].map((cidr) => ({ cidr, reason: "the test" }));
    Object.assign(keys, { network: { allow } });
  });
  const rules = registrations.filter(({ name }) => /-from-(10-9|fd00)/.test(name));
  expect(rules.map(({ name, aliases }) => [name.replace(/^.*-from-/, ""), aliases])).toEqual([
    ["10-9-0-0-16", undefined],
    ["fd00---8", [expect.stringMatching(/-from-fd00-8$/)]],
  ]);
});

test("no resource of a shared component is of a platform's type", async () => {
  const graph = await staging();
  const shared = graph.registrations.filter(({ name }) => name === "access" || name.startsWith("access-"));
  expect(shared.length).toBeGreaterThan(20);
  // The platform itself makes those that need a superuser (`Server.asSuperuser`).
  const own = shared.filter(({ name }) => !name.startsWith("access-extension-"));
  expect(own.filter(({ type }) => /^(host|aws|kubernetes):|local/.test(type))).toEqual([]);
});
