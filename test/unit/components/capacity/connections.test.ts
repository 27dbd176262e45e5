import fc from "fast-check";
import { budgetProblems, connectionBudget, connectionsPerDatabase } from "../../../../components/capacity/connections";
import { databasesSchema, postgresSchema } from "../../../../components/postgres/schema";
import { anyDatabases, sampleDatabases } from "../../../support/servers/postgres/databases";

const withMaxConnections = (figure: string | number | boolean | undefined) =>
  postgresSchema.parse({ parameters: figure === undefined ? {} : { max_connections: figure } });

test("a database has a pool for each route, sized by its largest application and limited by their sum", () => {
  expect(connectionBudget(sampleDatabases).pools).toEqual([
    { alias: "audit", database: "audit", route: "readWrite", mode: "session", size: 10, overflow: 5, limit: 16 },
    { alias: "audit_ro", database: "audit", route: "readOnly", mode: "session", size: 10, overflow: 5, limit: 16 },
    { alias: "orders", database: "orders", route: "readWrite", mode: "transaction", size: 20, overflow: 5, limit: 43 },
    {
      alias: "orders_ro",
      database: "orders",
      route: "readOnly",
      mode: "transaction",
      size: 20,
      overflow: 5,
      limit: 43,
    },
  ]);
});

test("a login in session mode has its own share of a pool that others use by the transaction", () => {
  const { pools, logins } = connectionBudget(
    databasesSchema.parse({
      orders: { applications: { web: { pool: 5 }, feed: { poolMode: "session", pool: 50, overflow: 0 } } },
    }),
  );
  expect(pools[0]).toMatchObject({ mode: "transaction", size: 5, overflow: 5, limit: 61 });
  expect(logins).toEqual([
    { login: "web", database: "orders", mode: "transaction" },
    { login: "feed", database: "orders", mode: "session", share: { size: 50, overflow: 0 } },
  ]);
});

test("whatever sessions hold, the other logins of a pool keep what the sum counts for them", () => {
  fc.assert(
    fc.property(anyDatabases, (databases) => {
      const { pools, logins } = connectionBudget(databases);
      for (const { database, limit } of pools) {
        const shares = logins.filter((login) => login.database === database).flatMap(({ share }) => share ?? []);
        const others = Object.values(databases[database]!.applications).filter(
          (application) => (application.poolMode ?? databases[database]!.poolMode) === "transaction",
        );
        const counted = others.reduce((sum, { pool, overflow }) => sum + pool + overflow, 1);
        const held = shares.reduce((sum, { size, overflow }) => sum + size + overflow, 0);
        expect(limit - held).toBe(counted);
      }
    }),
  );
});

test("pools hold at most 80 % of what is computed, and the reserve fits, too", () => {
  fc.assert(
    fc.property(anyDatabases, (databases) => {
      const { pools, poolTotal, reserve, maxConnections } = connectionBudget(databases);
      expect(poolTotal).toBe(pools.reduce((sum, { limit }) => sum + limit, 0));
      expect(poolTotal + reserve).toBeLessThanOrEqual(maxConnections);
      expect(poolTotal).toBeLessThanOrEqual(0.8 * maxConnections);
    }),
  );
});

test("no more is computed than needed: one connection fewer breaks a rule", () => {
  fc.assert(
    fc.property(anyDatabases, (databases) => {
      const { maxConnections } = connectionBudget(databases);
      fc.pre(maxConnections > 20);
      expect(budgetProblems({ databases, postgres: withMaxConnections(maxConnections) })).toEqual([]);
      expect(budgetProblems({ databases, postgres: withMaxConnections(maxConnections - 1) })).toHaveLength(1);
    }),
  );
});

test("whatever the override, either it carries the pools and the reserve or there is a problem", () => {
  fc.assert(
    fc.property(anyDatabases, fc.integer({ min: 1, max: 2000 }), (databases, figure) => {
      const { poolTotal, reserve, maxConnections } = connectionBudget(databases, figure);
      expect(maxConnections).toBe(figure);
      const problems = budgetProblems({ databases, postgres: withMaxConnections(figure) });
      expect(problems.length === 0 ? poolTotal + reserve <= figure && poolTotal <= 0.8 * figure : true).toBe(true);
      expect(poolTotal + reserve > figure ? problems.length : 1).toBe(1);
    }),
  );
});

test("a user's largest pool fits into what all users of the pool may hold", () => {
  fc.assert(
    fc.property(anyDatabases, (databases) => {
      for (const { database, size, overflow, limit } of connectionBudget(databases).pools) {
        const used = Object.keys(databases[database]!.applications).length > 0;
        expect(used ? size + overflow : 0).toBeLessThanOrEqual(limit);
      }
    }),
  );
});

test("the administrator has what a refresh may open in each database at once, whatever the engine does at a time", () => {
  fc.assert(
    fc.property(anyDatabases, (databases) => {
      const { administration, reserve } = connectionBudget(databases);
      expect(administration).toBeGreaterThan(connectionsPerDatabase * (Object.keys(databases).length + 1));
      expect(reserve).toBeGreaterThan(administration);
    }),
  );
});

describe("the probe of several poolers", () => {
  const poolers = fc.integer({ min: 2, max: 50 });

  test("has room for both routes of each in what is computed; that of one pooler is in the reserve anyway", () => {
    fc.assert(
      fc.property(anyDatabases, poolers, (databases, several) => {
        const one = connectionBudget(databases);
        const { poolTotal, reserve, hasProbe, maxConnections } = connectionBudget(databases, undefined, several);
        expect([one.hasProbe, hasProbe, reserve]).toEqual([true, true, one.reserve + 2 * several]);
        expect(poolTotal + reserve).toBeLessThanOrEqual(maxConnections);
        // What was free is used first.
        expect(maxConnections).toBe(Math.max(one.maxConnections, poolTotal + reserve));
      }),
    );
  });

  test("gives way to a max_connections of the user's, which is no problem for its sake", () => {
    fc.assert(
      fc.property(anyDatabases, poolers, fc.integer({ min: 0, max: 150 }), (databases, several, more) => {
        const one = connectionBudget(databases);
        const figure = one.maxConnections + more;
        const { poolTotal, reserve, hasProbe } = connectionBudget(databases, figure, several);
        expect(budgetProblems({ databases, postgres: withMaxConnections(figure) }, several)).toEqual([]);
        expect(poolTotal + reserve).toBeLessThanOrEqual(figure);
        expect(hasProbe).toBe(one.poolTotal + one.reserve + 2 * several <= figure);
      }),
    );
  });

  test("is part of the figure that a problem advises", () => {
    const [problem] = budgetProblems({ databases: sampleDatabases, postgres: withMaxConnections(100) }, 6);
    expect(problem?.message).toContain("= 139, more than 100; set it to 151 or more");
    expect(connectionBudget(sampleDatabases, 151, 6).hasProbe).toBe(true);
    expect(connectionBudget(sampleDatabases, 150, 6).hasProbe).toBe(false);
  });
});

test("the problem shows the sum term by term, and what to do", () => {
  expect(budgetProblems({ databases: sampleDatabases, postgres: withMaxConnections(100) })).toEqual([
    {
      path: ["postgres", "parameters", "max_connections"],
      message:
        "audit 16 + audit_ro 16 + orders 43 + orders_ro 43 + administration 11 + superuser 3 + clusterManager 2 + monitoring 3 + backup 2 = 139, more than 100; " +
        "set it to 148 or more, omit it, or lower pool or overflow of an application",
    },
  ]);
});

test("pools beyond 80 % are a problem even where the sum fits", () => {
  const [problem] = budgetProblems({ databases: sampleDatabases, postgres: withMaxConnections(140) });
  expect(problem?.message).toContain("pools take 118 of 140, more than 80 %");
});

test("no override, no problem; a text of digits counts as its number", () => {
  expect(budgetProblems({ databases: sampleDatabases, postgres: withMaxConnections(undefined) })).toEqual([]);
  expect(budgetProblems({ databases: sampleDatabases, postgres: withMaxConnections("148") })).toEqual([]);
});

test.each(["many", 12.5, true, 0])("max_connections %j is no number of connections", (figure) => {
  const [problem] = budgetProblems({ databases: sampleDatabases, postgres: withMaxConnections(figure) });
  expect(problem?.message).toContain("not a number of connections");
});
