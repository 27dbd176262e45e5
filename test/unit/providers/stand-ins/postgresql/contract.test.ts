import { postgresqlPlugin } from "../../../../../providers/stand-ins/postgresql/plugin";
import { inSetOrder } from "../../../../../providers/stand-ins/postgresql/set-order";
import { checkInputs } from "../../../../../providers/runtime/check";
import type { AnyResource, Properties } from "../../../../../providers/runtime/resource";

/** What the official plugin documents of a resource type: least inputs, defaults, and a new value for each property. */
interface Contract {
  readonly required: Properties;
  readonly defaults: Properties;
  readonly updates: Properties;
  readonly replaces: Properties;
  /** Further properties of a recorded state. */
  readonly recorded?: Properties;
}

const grant = { database: "d", role: "r", objectType: "table", privileges: ["SELECT"], schema: "s" };
const contracts: Record<string, Contract> = {
  "role:Role": {
    required: { name: "r" },
    defaults: {
      login: false, superuser: false, createDatabase: false, createRole: false, inherit: true, replication: false,
      bypassRowLevelSecurity: false, connectionLimit: -1, encryptedPassword: true, skipDropRole: false,
      skipReassignOwned: false, validUntil: "infinity",
    }, // prettier-ignore
    updates: {
      name: "s", login: true, superuser: true, createDatabase: true, createRole: true, inherit: false, replication: true,
      bypassRowLevelSecurity: true, connectionLimit: 1, skipDropRole: true, skipReassignOwned: true, validUntil: "2099-01-01",
      password: "p", roles: ["g"], searchPaths: ["a"], statementTimeout: 1, idleInTransactionSessionTimeout: 1, assumeRole: "g",
    }, // prettier-ignore
    replaces: {},
  },
  "database:Database": {
    required: { name: "d" },
    defaults: { connectionLimit: -1, allowConnections: true, alterObjectOwnership: false },
    recorded: {
      owner: "postgres", template: "template0", encoding: "UTF8", lcCollate: "C", lcCtype: "C", isTemplate: false,
      tablespaceName: "pg_default",
    }, // prettier-ignore
    updates: {
      name: "e",
      owner: "o",
      connectionLimit: 1,
      allowConnections: false,
      isTemplate: true,
      alterObjectOwnership: true,
    },
    replaces: { template: "template1", encoding: "LATIN1", lcCollate: "POSIX", lcCtype: "POSIX" },
  },
  "schema:Schema": {
    required: { name: "s" },
    defaults: { ifNotExists: true, dropCascade: false },
    recorded: { owner: "postgres", database: "postgres", policies: [] },
    updates: { name: "t", owner: "o", ifNotExists: false, dropCascade: true },
    replaces: { database: "d" },
  },
  "extension:Extension": {
    required: { name: "x" },
    defaults: { createCascade: false, dropCascade: false },
    recorded: { database: "postgres", schema: "public", version: "1.0" },
    updates: { schema: "s", version: "1.1", createCascade: true, dropCascade: true },
    replaces: { name: "y", database: "d" },
  },
  "grant:Grant": {
    required: grant,
    defaults: { withGrantOption: false },
    updates: { privileges: ["INSERT"] },
    replaces: { database: "e", role: "q", objectType: "sequence", schema: "t", objects: ["o"], withGrantOption: true },
  },
  "grantRole:GrantRole": {
    required: { role: "r", grantRole: "g" },
    defaults: { withAdminOption: false },
    updates: {},
    replaces: { role: "q", grantRole: "h", withAdminOption: true },
  },
  "defaultPrivileges:DefaultPrivileges": {
    required: { ...grant, owner: "o" },
    defaults: { withGrantOption: false },
    updates: { privileges: ["INSERT"] },
    replaces: { database: "e", role: "q", owner: "p", objectType: "sequence", schema: "t", withGrantOption: true },
  },
};

const { resources } = postgresqlPlugin();
const resource = (name: string): AnyResource => {
  const found = resources[`postgresql:index/${name}`];
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

function changes(name: string, state: Properties, news: Properties) {
  const { required } = contracts[name]!;
  return resource(name)
    .diff({ id: "x", inputs: required, state }, news)
    .map((one) => [one.property, one.kind]);
}

test("there are just these resource types", () => {
  expect(Object.keys(resources).sort()).toEqual(
    Object.keys(contracts)
      .map((name) => `postgresql:index/${name}`)
      .sort(),
  );
});

describe.each(Object.entries(contracts))("%s", (name, { required, defaults, updates, replaces, recorded = {} }) => {
  const state = { ...required, ...defaults, ...recorded };

  test("has the documented defaults", async () => {
    expect(await checkInputs(resource(name), required)).toEqual({ inputs: { ...required, ...defaults }, failures: [] });
  });

  test("refuses a property that it does not know, by name", async () => {
    const { failures } = await checkInputs(resource(name), { ...required, surprise: 1 });
    expect(failures).toEqual([{ property: "surprise", reason: "is not a property of this resource type" }]);
  });

  test.each(Object.keys(required))("misses %s where it is left out", async (property) => {
    const { failures } = await checkInputs(resource(name), { ...required, [property]: undefined });
    // A schema is needed by some types of object only, and that check runs on whole inputs.
    if (property === "schema" && name !== "grant:Grant") expect(failures).toEqual([]);
    else expect(failures.map((one) => one.property)).toEqual([property]);
  });

  test("sees no change in a state that the official plugin made", async () => {
    const { inputs } = await checkInputs(resource(name), { __defaults: [], ...required });
    expect(changes(name, state, inputs)).toEqual([]);
  });

  const table = [
    ...Object.entries(updates).map(([property, value]) => ["update", property, value] as const),
    ...Object.entries(replaces).map(([property, value]) => ["replace", property, value] as const),
  ];
  test.each(table)("asks for an %s when %s changes", (kind, property, value) => {
    expect(changes(name, state, { ...required, ...defaults, [property]: value })).toEqual([[property, kind]]);
  });
});

test("the order of lists that are sets is no change", () => {
  const two = { ...grant, privileges: ["SELECT", "INSERT"], objects: ["a", "b"], withGrantOption: false };
  const turned = { ...two, privileges: ["INSERT", "SELECT"], objects: ["b", "a"] };
  expect(changes("grant:Grant", two, turned)).toEqual([]);
});

test("a set in an id is ordered by the text of its CRC-32", () => {
  // 3904355907 a, 1908338681 b, 112844655 c
  expect(inSetOrder(["a", "b", "c", "b"])).toEqual(["c", "b", "a"]);
});
