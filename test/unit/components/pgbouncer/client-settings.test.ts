import fc from "fast-check";
import { clientSettings } from "../../../../components/pgbouncer/client-settings";
import { poolerSchema } from "../../../../components/pgbouncer/schema";
import { applicationSchema, databaseSchema, objectivesSchema } from "../../../../components/postgres/schema";

const application = applicationSchema.parse({ pool: 12, overflow: 3 });

const context = ({ rto = 30, lifetime = 3600, poolMode = "transaction" } = {}) => ({
  database: databaseSchema.parse({ poolMode }),
  pooler: poolerSchema.parse({ serverLifetime: `${lifetime} seconds` }),
  objectives: objectivesSchema.parse({ rto: `${rto} seconds` }),
});

test("an application gets its pool, its name, and the circuit breaker of 3 failures and 120 seconds", () => {
  expect(clientSettings("web", application, context())).toEqual({
    applicationName: "web",
    poolMode: "transaction",
    poolSize: 12,
    maxOverflow: 3,
    recycle: 1800,
    prePing: true,
    connectTimeout: 10,
    poolTimeout: 30,
    statementTimeout: 305,
    preparedStatements: true,
    retry: { attempts: 11, firstDelay: 0.2, factor: 2, largestDelay: 5 },
    circuitBreaker: { failures: 3, resetAfter: 120 },
  });
});

test("connections are recycled before PgBouncer closes them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 604_800 }), (lifetime) => {
      const { recycle } = clientSettings("web", application, context({ lifetime }));
      expect(recycle).toBeGreaterThan(0);
      expect(recycle).toBeLessThan(lifetime);
    }),
  );
});

test("retries last as long as a failover may, and one fewer would not", () => {
  fc.assert(
    fc.property(fc.integer({ min: 15, max: 600 }), (rto) => {
      const { attempts, firstDelay, factor, largestDelay } = clientSettings("web", application, context({ rto })).retry;
      const waited = (pauses: number): number =>
        Array.from({ length: pauses }, (_, i) => Math.min(firstDelay * factor ** i, largestDelay)).reduce(
          (sum, delay) => sum + delay,
          0,
        );
      expect(waited(attempts - 1)).toBeGreaterThanOrEqual(rto);
      expect(waited(attempts - 2)).toBeLessThan(rto);
    }),
  );
});

test("prepared statements work in either mode, unless PgBouncer is told to keep none", () => {
  const none = { ...poolerSchema.parse({}), parameters: { max_prepared_statements: 0 } };
  const preparedStatements = (poolMode: "session" | "transaction", pooler = poolerSchema.parse({})) =>
    clientSettings("web", application, { ...context({ poolMode }), pooler }).preparedStatements;
  expect([preparedStatements("transaction"), preparedStatements("session")]).toEqual([true, true]);
  const own = applicationSchema.parse({ poolMode: "session" });
  const ofOwn = clientSettings("web", own, { ...context(), pooler: none });
  expect(ofOwn).toMatchObject({ poolMode: "session", preparedStatements: true });
  expect([preparedStatements("transaction", none), preparedStatements("session", none)]).toEqual([false, true]);
});
