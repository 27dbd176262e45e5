import fc from "fast-check";
import { databasesSchema, type Databases } from "../../../../components/postgres/schema";

/** Two databases that use every kind of access. */
export const sampleDatabases: Databases = databasesSchema.parse({
  orders: {
    schemas: ["app", "archive"],
    applications: {
      web: { pool: 20 },
      report: { access: "readonly", pool: 2 },
      migrate: { access: "owner", overflow: 0 },
    },
  },
  audit: { poolMode: "session", applications: { trail: {} } },
});

// Made once: a regular expression takes milliseconds to become an arbitrary.
const tails = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,6}$/), { maxLength: 3 });
const schemaNames = fc.uniqueArray(
  fc.stringMatching(/^[a-z0-9]{1,6}$/).map((tail) => `s_${tail}`),
  { minLength: 1, maxLength: 3 },
);
const identifiers = (prefix: string) => tails.map((some) => some.map((tail) => `${prefix}_${tail}`));

const application = fc.record({
  access: fc.constantFrom("readwrite", "readonly", "owner"),
  pool: fc.integer({ min: 1, max: 60 }),
  overflow: fc.integer({ min: 0, max: 20 }),
  poolMode: fc.constantFrom(undefined, "transaction", "session"),
});

/** Valid configurations: names of logins differ, also between databases. */
export const anyDatabases: fc.Arbitrary<Databases> = identifiers("db").chain((names) =>
  fc
    .tuple(
      ...names.map((name) =>
        fc.record({
          poolMode: fc.constantFrom("transaction", "session"),
          schemas: schemaNames,
          applications: identifiers(`login_${name}`).chain((logins) =>
            fc.record(Object.fromEntries(logins.map((login) => [login, application]))),
          ),
        }),
      ),
    )
    .map((databases) => databasesSchema.parse(Object.fromEntries(names.map((name, i) => [name, databases[i]])))),
);
