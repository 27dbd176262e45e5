import fc from "fast-check";
import { clientLimits } from "../../../../components/pgbouncer/client-settings";
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
  const application = { access: "readwrite", pool: 1, overflow: 0, rotations: 0 } as const;
  const short = { ...application, statementTimeout: "10 seconds", idleInTransactionTimeout: "1 minute" } as const;
  const long = { ...short, statementTimeout: "15 minutes" } as const;
  const databases = {
    app: { schemas: ["app"], poolMode: "transaction" as const, removable: false, applications: { short, long } },
  };
  expect(clientLimits(databases)).toEqual({ query: 905, idleTransaction: 65 });
});
