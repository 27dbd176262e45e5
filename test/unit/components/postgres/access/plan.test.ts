import fc from "fast-check";
import {
  granted,
  privilegeMatrix,
  verbs,
  type Group,
  type ObjectKind,
} from "../../../../../components/postgres/access/matrix";
import { accessPlan } from "../../../../../components/postgres/access/plan";
import { type AccessPlan, stepsOf } from "../../../../../components/postgres/access/steps";
import type { Databases } from "../../../../../components/postgres/schema";
import { anyDatabases, sampleDatabases } from "../../../../support/servers/postgres/databases";

/** Names of all steps that come before `name`. */
const before = (plan: AccessPlan, name: string): string[] => {
  const names = plan.map((step) => step.name);
  return names.slice(0, names.indexOf(name));
};

const login = (plan: AccessPlan, role: string) => stepsOf(plan, "login").find((step) => step.role === role);

describe("the matrix", () => {
  const kinds = Object.keys(verbs) as ObjectKind[];

  test.each(kinds)("PUBLIC may do nothing with a %s", (kind) => {
    expect(privilegeMatrix.public[kind]).toEqual([]);
  });

  test("only the owner creates, truncates, references and triggers; large objects are made by all who write", () => {
    const own = ["CREATE", "TEMPORARY", "TRUNCATE", "REFERENCES", "TRIGGER"];
    for (const group of Object.keys(privilegeMatrix) as Group[]) {
      const held = kinds
        .filter((kind) => kind !== "largeObject")
        .flatMap((kind): string[] => [...privilegeMatrix[group][kind]]);
      expect(privilegeMatrix[group].largeObject.length > 0).toBe(group === "owner" || group === "readwrite");
      expect(own.filter((verb) => held.includes(verb))).toEqual(group === "owner" ? own : []);
    }
  });

  test("a reader changes nothing", () => {
    for (const group of ["readonly", "backup"] as const) {
      expect(privilegeMatrix[group].table).toEqual(["SELECT"]);
      expect(privilegeMatrix[group].function).toEqual([]);
    }
  });

  test("what is granted and what is inherited are together what the matrix says", () => {
    for (const kind of kinds) {
      const all = [...granted("readwrite", kind), ...granted("readonly", kind)];
      expect(all.sort()).toEqual([...privilegeMatrix.readwrite[kind]].sort());
    }
  });
});

describe("the plan", () => {
  test("names are unique", () => {
    fc.assert(
      fc.property(anyDatabases, (databases) => {
        const names = accessPlan(databases).map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  test("a login comes before its database: on removal the database goes first, with what the login owns in it", () => {
    const plan = accessPlan(sampleDatabases);
    const earlier = before(plan, "database-orders");
    expect(earlier).toEqual(expect.arrayContaining(["role-web", "role-report", "role-migrate"]));
  });

  test("whatever is in a database goes along with it, and a schema's grants with the schema", () => {
    fc.assert(
      fc.property(anyDatabases, (databases) => {
        const plan = accessPlan(databases);
        const inDatabase = [
          ...stepsOf(plan, "schema"),
          ...stepsOf(plan, "grant"),
          ...stepsOf(plan, "defaultPrivileges"),
        ];
        for (const { name, database, within = "" } of inDatabase) {
          expect(within).toMatch(new RegExp(`^(database-${database}$|schema-${database}-)`));
          expect(before(plan, name)).toContain(within);
        }
        for (const { schema, database, within } of stepsOf(plan, "grant").filter(
          ({ objectKind }) => objectKind === "schema",
        ))
          expect(within).toBe(schema === "public" ? `database-${database}` : `schema-${database}-${schema ?? ""}`);
      }),
      { numRuns: 30 },
    );
  });

  test("another database leaves every step as it was, but for the order and the pooler's limit", () => {
    fc.assert(
      fc.property(anyDatabases, (databases) => {
        const content = (all: Databases) =>
          new Map(
            accessPlan(all)
              .filter(({ name }) => name !== "role-howdah_pooler")
              .map((step) => [step.name, step]),
          );
        const more = content({ ...databases, another: sampleDatabases["audit"]! });
        for (const [name, step] of content(databases)) expect(more.get(name)).toEqual(step);
      }),
    );
  });

  test("the order of the configuration changes nothing", () => {
    const reversed = Object.fromEntries(Object.entries(sampleDatabases).reverse());
    expect(accessPlan(reversed)).toEqual(accessPlan(sampleDatabases));
  });

  test("PUBLIC loses the database, the schema public, functions and types, before anything is granted", () => {
    const plan = accessPlan({ audit: sampleDatabases["audit"]! });
    const [grants, defaultPrivileges] = [stepsOf(plan, "grant"), stepsOf(plan, "defaultPrivileges")];
    const ofPublic = [...grants, ...defaultPrivileges].filter(({ role }) => role === "public");
    expect(ofPublic.map(({ name, privileges }) => [name, privileges])).toEqual([
      ["grant-audit-database-public", []],
      ["grant-audit-schema-public-public", []],
      ["default-audit-function-public", []],
      ["default-audit-type-public", []],
    ]);
    expect(grants[0]?.role).toBe("public");
  });

  test("grants of a database are the rows of the matrix", () => {
    const plan = accessPlan({ audit: sampleDatabases["audit"]! });
    const [grants, defaultPrivileges] = [stepsOf(plan, "grant"), stepsOf(plan, "defaultPrivileges")];
    const rows = [...grants, ...defaultPrivileges]
      .filter(({ role }) => role !== "public")
      .map(({ objectKind, role, privileges }) => `${objectKind} ${role}: ${privileges.join(" ")}`);
    expect(rows).toEqual([
      "database audit_readonly: CONNECT",
      "database howdah_backup: CONNECT",
      "database howdah_monitoring: CONNECT",
      "database howdah_probe: CONNECT",
      "database howdah_pooler: CONNECT",
      "schema audit_readonly: USAGE",
      "schema howdah_backup: USAGE",
      "table audit_readonly: SELECT",
      "sequence audit_readonly: SELECT",
      "table audit_readwrite: DELETE INSERT UPDATE",
      "sequence audit_readwrite: UPDATE USAGE",
      "function audit_readwrite: EXECUTE",
      "table howdah_backup: SELECT",
      "sequence howdah_backup: SELECT",
      "sequence howdah_monitoring: SELECT",
    ]);
  });

  test("a login has its group, its timeouts and the schemas of its database", () => {
    expect(login(accessPlan(sampleDatabases), "report")).toMatchObject({
      memberOf: ["orders_readonly"],
      searchPath: ["app", "archive"],
      statementTimeout: 300_000,
      idleInTransactionTimeout: 60_000,
    });
  });

  test("a login may hold what PgBouncer opens for it on both routes, and a little more", () => {
    const plan = accessPlan(sampleDatabases);
    expect(login(plan, "report")?.connectionLimit).toBe(2 * (20 + 5) + 2);
    expect(login(plan, "howdah_pooler")?.connectionLimit).toBe(2 * (20 + 5) + 2 * (10 + 5) + 2);
  });

  test("the probe's login may hold a connection on each route of each pooler, and a little more", () => {
    expect(login(accessPlan(sampleDatabases), "howdah_probe")?.connectionLimit).toBe(2 + 2);
    expect(login(accessPlan(sampleDatabases, { poolers: 6 }), "howdah_probe")?.connectionLimit).toBe(6 * (2 + 2));
  });

  test("only migrations start as the owner", () => {
    const logins = stepsOf(accessPlan(sampleDatabases), "login");
    expect(logins.filter(({ assumeRole }) => assumeRole !== undefined)).toMatchObject([
      { role: "migrate", assumeRole: "orders_owner", memberOf: ["orders_owner"] },
    ]);
  });

  test("the administrator joins each owner before its database is made", () => {
    const plan = accessPlan(sampleDatabases);
    expect(stepsOf(plan, "membership").map(({ group }) => group)).toEqual(["audit_owner", "orders_owner"]);
    expect(before(plan, "database-orders")).toContain("administrator-orders_owner");
  });

  test("a login of two databases is refused by name", () => {
    const twice = { ...sampleDatabases, other: sampleDatabases["audit"]! };
    expect(() => accessPlan(twice)).toThrow("two parts of the config would create role-trail");
  });
});
