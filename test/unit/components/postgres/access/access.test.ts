import * as pulumi from "@pulumi/pulumi";
import type { Server } from "../../../../../components/ports";
import { Access, type AccessArgs } from "../../../../../components/postgres/access/access";
import type { Databases } from "../../../../../components/postgres/schema";
import { scramVerifier } from "../../../../../components/postgres/access/logins/scram";
import { sampleDatabases } from "../../../../support/servers/postgres/databases";
import "../../../../support/jest/traces";

interface Registration {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

let registered: Registration[];
/** Of the sample's databases: made once, for all who only look. */
let sample: { readonly access: Access; readonly registered: Registration[] };

const salt = Buffer.from("0123456789abcdef").toString("base64");

/** What each type adds to its inputs; a type that is not here is not expected. */
const outputs: Readonly<Record<string, (name: string) => Record<string, string>>> = {
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `clear-text-of-${name}` }),
  "random:index/randomBytes:RandomBytes": () => ({ base64: salt }),
  "postgresql:index/role:Role": () => ({}),
  "postgresql:index/grantRole:GrantRole": () => ({}),
  "postgresql:index/database:Database": () => ({}),
  "postgresql:index/schema:Schema": () => ({}),
  "postgresql:index/grant:Grant": () => ({}),
  "postgresql:index/defaultPrivileges:DefaultPrivileges": () => ({}),
  "host:index:AdministratorScript": () => ({}),
  "pulumi:providers:postgresql": () => ({}),
};

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      if (type.startsWith("howdah:")) return { id: "", state: {} };
      const extra = outputs[type];
      if (extra === undefined) throw new Error(`unexpected type ${type}`);
      registered.push({ type, name, inputs: inputs as Record<string, unknown> });
      return { id: `${name}-id`, state: { ...(inputs as Record<string, unknown>), ...extra(name) } };
    },
    call: ({ token }) => {
      throw new Error(`unexpected call ${token}`);
    },
  });
  const access = await make();
  sample = { access, registered };
});
beforeEach(() => {
  registered = sample.registered;
});

const primary = { host: "primary.example", port: 5000 };
const server: Server = {
  readWrite: primary,
  readOnly: { host: "replica.example", port: 5001 },
  nodes: [],
  caFile: pulumi.output("/tls/ca.crt"),
  administrator: {
    name: "howdah_admin",
    password: pulumi.secret("administrator-password"),
    endpoint: primary,
    sslmode: "verify-full",
  },
  ready: [],
};

const settled = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));

async function make(databases: Databases = sampleDatabases, args: Partial<AccessArgs> = {}): Promise<Access> {
  registered = [];
  const access = new Access("access", { server, databases, protect: true, ...args });
  await Promise.all(access.ready.map(({ urn }) => settled(urn)));
  await Promise.all(Object.values(access.passwords).map(settled));
  return access;
}

const ofType = (type: string): Registration[] => registered.filter((one) => one.type.endsWith(`:${type}`));
const named = (name: string): Registration => registered.find((one) => one.name === name)!;

test("every child is named after the component, each name once", () => {
  const names = registered.map(({ name }) => name);
  expect(names.filter((name) => !name.startsWith("access-"))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test("the provider connects to the primary with verify-full, and as no superuser", () => {
  expect(named("access-server").inputs).toMatchObject({
    host: "primary.example",
    port: "5000",
    username: "howdah_admin",
    sslmode: "verify-full",
    sslrootcert: "/tls/ca.crt",
    superuser: "false",
    database: "postgres",
    maxConnections: "3",
  });
});

test("steps are made in an order in which each follows what it waits for", () => {
  const order = registered.map(({ name }) => name);
  const expected = [
    "access-role-howdah_backup",
    "access-role-howdah_pooler",
    "access-role-orders_readonly",
    "access-role-orders_readwrite",
    "access-role-orders_owner",
    "access-role-web",
    "access-administrator-orders_owner",
    "access-database-orders",
    "access-schema-orders-app",
    "access-grant-orders-database-public",
    "access-default-orders-function-public",
  ];
  expect(expected.map((name) => order.indexOf(name))).toEqual(
    expected.map((name) => order.indexOf(name)).sort((a, b) => a - b),
  );
  expect(order).toEqual(expect.arrayContaining(expected));
});

test("a limit that the provider's role does not have is set by the administrator, after the role", async () => {
  const { orders } = sampleDatabases;
  const web = { ...orders!.applications["web"]!, transactionTimeout: "2 minutes" as const };
  await make({ ...sampleDatabases, orders: { ...orders!, applications: { ...orders!.applications, web } } });
  const order = registered.map(({ name }) => name);
  const setting = named("access-setting-web-transaction_timeout");
  expect(order.indexOf("access-role-web")).toBeLessThan(order.indexOf(setting.name));
  expect(setting.inputs).toMatchObject({
    database: "postgres",
    username: "howdah_admin",
    // A secret.
    apply: { value: [{ sql: `ALTER ROLE "web" SET "transaction_timeout" = '120000ms'` }] },
    revert: `ALTER ROLE "web" RESET "transaction_timeout"`,
  });
});

test("no role is more than it needs to be", () => {
  const roles = ofType("Role");
  expect(roles).toHaveLength(4 + 2 * 3 + 4);
  for (const { inputs } of roles) {
    expect(inputs).toMatchObject({
      superuser: false,
      createRole: false,
      createDatabase: false,
      replication: false,
      bypassRowLevelSecurity: false,
    });
  }
});

test("no password reaches a role in clear: only its verifier, as a secret", async () => {
  const { access } = sample;
  const seen = ofType("Role").filter(({ inputs }) => inputs["login"] === true);
  expect(seen).toHaveLength(7);
  for (const { inputs } of seen) {
    const login = inputs["name"] as string;
    const clear = `clear-text-of-access-login-${login}-password`;
    const verifier = await settled(access.verifiers[login]!);
    expect(verifier).toBe(scramVerifier(clear, salt));
    expect(JSON.stringify(inputs)).not.toContain(clear);
    expect(JSON.stringify(inputs["password"])).toContain(verifier);
  }
});

test("passwords and verifiers are secrets, one for each login", async () => {
  const { access } = sample;
  const logins = ["howdah_monitoring", "howdah_pooler", "howdah_probe", "migrate", "report", "trail", "web"];
  expect(Object.keys(access.passwords).sort()).toEqual(logins);
  for (const login of logins) {
    expect(await pulumi.isSecret(access.passwords[login]!)).toBe(true);
    expect(await pulumi.isSecret(access.verifiers[login]!)).toBe(true);
  }
  expect(await settled(access.passwords["web"]!)).toBe("clear-text-of-access-login-web-password");
});

test("passwords are long and need no escaping in a URL", () => {
  for (const { inputs } of ofType("RandomPassword")) expect(inputs).toEqual({ length: 48, special: false });
});

test("the administrator joins the owner of a database", () => {
  expect(named("access-administrator-orders_owner").inputs).toEqual({
    role: "howdah_admin",
    grantRole: "orders_owner",
  });
});

test("PUBLIC is revoked of the database, of the schema public, and of new functions and types", () => {
  const ofPublic = registered.filter(({ inputs }) => inputs["role"] === "public" && inputs["database"] === "orders");
  expect(ofPublic.map(({ inputs }) => inputs["objectType"])).toEqual(["database", "schema", "function", "type"]);
  expect(ofPublic.map(({ inputs }) => inputs["privileges"])).toEqual([[], [], [], []]);
});

test("another database adds resources and alters none but the pooler's limit", async () => {
  const few = registered;
  await make({ ...sampleDatabases, zoo: { ...sampleDatabases["audit"]!, applications: {} } });
  const many = new Map(registered.map((one) => [one.name, one]));
  const altered = few.filter((one) => JSON.stringify(many.get(one.name)) !== JSON.stringify(one));
  expect(altered.map(({ name }) => name)).toEqual(["access-role-howdah_pooler"]);
  expect(registered.length).toBeGreaterThan(few.length);
});

test("each part waits for the one before it, and names one made earlier whose removal takes it along", async () => {
  const options = new Map<string, pulumi.CustomResourceOptions>();
  const keep: pulumi.ResourceTransformation = ({ name, type, opts }) => {
    if (type.startsWith("postgresql:")) options.set(name, opts);
    return undefined;
  };
  const args = { server: { ...server, jobs: { tokenGroup: "tokens" } }, databases: sampleDatabases, protect: true };
  const { ready } = new Access("access", args, { transformations: [keep] });
  expect(options.size).toBe(ready.length);
  [...options.values()].forEach(({ dependsOn, deletedWith }, index) => {
    expect(dependsOn).toEqual(index === 0 ? [] : [ready[index - 1]]);
    if (deletedWith !== undefined) expect(ready.slice(0, index)).toContain(deletedWith);
  });
  expect(options.get("access-schema-orders-app")?.deletedWith).toBeDefined();
  await Promise.all(ready.map(({ urn }) => settled(urn)));
});
