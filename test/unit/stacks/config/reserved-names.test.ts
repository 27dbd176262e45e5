import { databasesSchema } from "../../../../components/postgres/schema";
import { nameProblems } from "../../../../stacks/config/reserved-names";

const problems = (raw: unknown): string[] =>
  nameProblems(databasesSchema.parse(raw)).map(({ path, message }) => `${path.join(".")}: ${message}`);
const login = (name: string): string[] => problems({ app: { applications: { [name]: {} } } });

describe("names", () => {
  test("that are usual pass", () => {
    expect(
      problems({
        app: { schemas: ["app", "audit"], applications: { app: {}, app_migrator: {}, reports: {} } },
        billing: { schemas: ["app"], applications: { billing: {}, constructor: {} } },
      }),
    ).toEqual([]);
  });

  test.each([
    "postgres",
    "template0",
    "template1",
    "pgbouncer",
    "pg_data",
    "user",
    "howdah",
    "howdah_restore",
    "howdah_x",
  ])("refuse the database %s", (name) => {
    expect(problems({ [name]: {} })).toEqual([expect.stringContaining(`databases.${name}: "${name}"`)]);
  });

  test.each([
    "postgres",
    "replicator",
    "rewind",
    "public",
    "none",
    "howdah",
    "howdah_admin",
    "pg_reader",
    "app_owner",
    "app_readwrite",
    "app_readonly",
    "select",
  ])("refuse the login %s", (name) => {
    expect(login(name)).toEqual([expect.stringContaining(`databases.app.applications.${name}: "${name}"`)]);
  });

  test.each(["public", "information_schema", "pooler", "pg_temp", "order", "howdah", "howdah_x"])(
    "refuse the schema %s",
    (name) => {
      expect(problems({ app: { schemas: [name] } })).toEqual([
        expect.stringContaining(`databases.app.schemas: "${name}"`),
      ]);
    },
  );

  test("refuse a login that is the second one of an application whose password is rotated, and no other", () => {
    const applications = { app: { rotations: 1 }, app_b: {} };
    expect(problems({ app: { applications } })).toEqual([
      expect.stringContaining('"app_b" is the second login of application "app"'),
    ]);
    expect(problems({ app: { applications: { ...applications, app: {} } } })).toEqual([]);
  });

  test("refuse a schema that is there twice", () => {
    expect(problems({ app: { schemas: ["a", "b", "a"] } })).toEqual(['databases.app.schemas: "a" is listed twice']);
  });

  test("refuse a group of another database as a login", () => {
    expect(problems({ app: { applications: { crm_owner: {} } }, crm: {} })).toEqual([
      expect.stringContaining('a group of database "crm"'),
    ]);
    expect(login("crm_owner")).toEqual([]);
  });

  test("refuse a login in two databases once, at the second, and name the first", () => {
    expect(problems({ app: { applications: { web: {} } }, crm: { applications: { web: {} } } })).toEqual([
      expect.stringMatching(/^databases\.crm\.applications\.web: .*already a login of database "app"/),
    ]);
  });

  test("refuse a database that has the name of another's read-only pool, and only then", () => {
    expect(problems({ app: {}, app_ro: {} })).toEqual([
      expect.stringMatching(/^databases\.app_ro: .*read-only pool of database "app"/),
    ]);
    expect(problems({ crm_ro: {} })).toEqual([]);
  });
});
