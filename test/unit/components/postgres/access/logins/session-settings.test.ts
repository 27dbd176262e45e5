import { accessPlan } from "../../../../../../components/postgres/access/plan";
import { databasesSchema } from "../../../../../../components/postgres/schema";
import { sessionSettings, sessionsMark } from "../../../../../../components/postgres/access/logins/session-settings";

const of = (web: object, schemas: string[] = ["app"]) => {
  const databases = databasesSchema.parse({
    app: { schemas, applications: { web: { access: "readwrite", ...web }, boss: { access: "owner" } } },
    other: { applications: { them: { access: "readonly" } } },
  });
  return sessionSettings(databases, accessPlan(databases));
};
const base = of({});

test("every login of an application is there, in its database, and no other", () => {
  expect(Object.entries(base).map(([database, logins]) => [database, Object.keys(logins)])).toEqual([
    ["app", ["boss", "web"]],
    ["other", ["them"]],
  ]);
});

test.each<[string, ReturnType<typeof of>]>([
  ["statement timeout", of({ statementTimeout: "7 seconds" })],
  ["timeout in a transaction", of({ idleInTransactionTimeout: "7 seconds" })],
  ["timeout of a transaction", of({ transactionTimeout: "7 seconds" })],
  ["search path", of({}, ["app", "more"])],
])("another %s is another text for the login, and for no login in another database", (_what, changed) => {
  expect(changed["app"]!["web"]).not.toBe(base["app"]!["web"]);
  expect(changed["other"]).toEqual(base["other"]);
  expect(sessionsMark(changed)).not.toBe(sessionsMark(base));
});

test("pools do not count: PgBouncer closes and opens connections by itself", () => {
  expect(of({ pool: 7 })).toEqual(base);
});
