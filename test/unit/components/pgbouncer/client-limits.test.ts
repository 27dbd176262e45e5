import fc from "fast-check";
import { clientLimits } from "../../../../components/pgbouncer/client-settings";
import { databasesSchema } from "../../../../components/postgres/schema";
import { toSeconds } from "../../../../lib/values";
import { anyDatabases } from "../../../support/servers/postgres/databases";

test("no application is cut off by the pooler before the server's own limit", () => {
  fc.assert(
    fc.property(anyDatabases, (databases) => {
      const limits = clientLimits(databases);
      const applications = Object.values(databases).flatMap((database) => Object.values(database.applications));
      return applications.every(
        ({ statementTimeout, idleInTransactionTimeout }) =>
          limits.query > toSeconds(statementTimeout) && limits.idleTransaction > toSeconds(idleInTransactionTimeout),
      );
    }),
  );
});

test("the limit stays near the largest of the applications' own", () => {
  const short = { statementTimeout: "10 seconds", idleInTransactionTimeout: "1 minute" };
  const long = { ...short, statementTimeout: "15 minutes" };
  const databases = databasesSchema.parse({ app: { applications: { short, long } } });
  expect(clientLimits(databases)).toEqual({ query: 905, idleTransaction: 65 });
});
