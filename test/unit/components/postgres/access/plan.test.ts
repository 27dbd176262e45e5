import fc from "fast-check";
import {
  accessPlan,
  granted,
  privilegeMatrix,
  verbs,
  type AccessPlan,
  type Group,
  type ObjectKind,
  type Step,
} from "../../../../../components/postgres/access/plan";
import type { Databases } from "../../../../../components/postgres/schema";
import { anyDatabases, sampleDatabases } from "../../../../support/servers/databases";

const stepsOf = (plan: AccessPlan): Step[] => Object.values(plan).flatMap((steps: readonly Step[]) => [...steps]);

/** Names of all steps that come before `name`. */
function before(plan: AccessPlan, name: string): Set<string> {
  const steps = new Map(stepsOf(plan).map((step) => [step.name, step.after]));
  const found = new Set<string>();
  const visit = (after: readonly string[]): void => {
    for (const other of after) {
      if (found.has(other)) continue;
      found.add(other);
      visit(steps.get(other)!);
    }
  };
  visit(steps.get(name)!);
  return found;
}

const login = (plan: AccessPlan, role: string) => plan.logins.find((step) => step.role === role);

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
  test("names are unique, and every step names steps of the plan", () => {
    fc.assert(
      fc.property(anyDatabases, (databases) => {
        const names = stepsOf(accessPlan(databases)).map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const { after } of stepsOf(accessPlan(databases)))
          expect(names).toEqual(expect.arrayContaining([...after]));
      }),
    );
  });

  test("no two steps are unordered: of any two, one comes before the other", () => {
    fc.assert(
      fc.property(anyDatabases, (databases) => {
        const plan = accessPlan(databases);
        const counts = stepsOf(plan).map(({ name }) => before(plan, name).size);
        expect(counts.sort((a, b) => a - b)).toEqual(counts.map((_, index) => index));
        for (const { name } of stepsOf(plan)) expect(before(plan, name)).not.toContain(name);
      }),
      { numRuns: 30 },
    );
  });

  test("a login comes before its database: on removal the database goes first, with what the login owns in it", () => {
    const plan = accessPlan(sampleDatabases);
    const earlier = before(plan, "database-orders");
    expect(["role-web", "role-report", "role-migrate"].filter((name) => !earlier.has(name))).toEqual([]);
  });

  test("whatever is in a database goes along with it, and a schema's grants with the schema", () => {
    fc.assert(
      fc.property(anyDatabases, (databases) => {
        const plan = accessPlan(databases);
        const names = new Set(stepsOf(plan).map(({ name }) => name));
        for (const { name, database, within = "" } of [...plan.schemas, ...plan.grants, ...plan.defaultPrivileges]) {
          expect(names).toContain(within);
          expect(within).toMatch(new RegExp(`^(database-${database}$|schema-${database}-)`));
          expect(before(plan, name)).toContain(within);
        }
        for (const { schema, database, within } of plan.grants.filter(({ kind }) => kind === "schema"))
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
            stepsOf(accessPlan(all))
              .filter(({ name }) => name !== "role-howdah_pooler")
              .map((step) => [step.name, { ...step, after: [] }]),
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
    const { grants, defaultPrivileges } = accessPlan({ audit: sampleDatabases["audit"]! });
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
    const { grants, defaultPrivileges } = accessPlan({ audit: sampleDatabases["audit"]! });
    const rows = [...grants, ...defaultPrivileges]
      .filter(({ role }) => role !== "public")
      .map(({ kind, role, privileges }) => `${kind} ${role}: ${privileges.join(" ")}`);
    expect(rows).toEqual([
      "database audit_readonly: CONNECT",
      "database howdah_backup: CONNECT",
      "database howdah_monitoring: CONNECT",
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

  test("only migrations start as the owner", () => {
    const { logins } = accessPlan(sampleDatabases);
    expect(logins.filter(({ assumeRole }) => assumeRole !== undefined)).toMatchObject([
      { role: "migrate", assumeRole: "orders_owner", memberOf: ["orders_owner"] },
    ]);
  });

  test("the administrator joins each owner before its database is made", () => {
    const plan = accessPlan(sampleDatabases);
    expect(plan.administratorMemberships.map(({ group }) => group)).toEqual(["audit_owner", "orders_owner"]);
    expect(before(plan, "database-orders")).toContain("administrator-orders_owner");
  });

  test("a login of two databases is refused by name", () => {
    const twice = { ...sampleDatabases, other: sampleDatabases["audit"]! };
    expect(() => accessPlan(twice)).toThrow("two parts of the configuration would make role-trail");
  });
});
