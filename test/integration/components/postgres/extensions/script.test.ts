import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "../../../../../components/postgres/extensions/catalogue";
import { extensionScript } from "../../../../../components/postgres/extensions/script";
import { psql } from "../../../../../lib/sql/psql";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";

let postgres: ThrowawayPostgres;
const administrator = "howdah_admin";
const scriptOf = (extension: string, schema = "extensions", cascade = false) =>
  extensionScript({ extension, schema, administrator, owner: "app_owner", cascade });
const asSuperuser = (sql: string): Promise<string> => psql(postgres, { database: "app", sql });
const found = (name: string): Promise<string> => asSuperuser(scriptOf(name).probe);

beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.sql("postgres", `CREATE ROLE ${administrator}; CREATE ROLE app_owner LOGIN`);
  await postgres.sql("postgres", "CREATE DATABASE app OWNER app_owner");
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  await postgres.sql(
    "app",
    `DROP SCHEMA IF EXISTS extensions, app CASCADE; CREATE SCHEMA extensions AUTHORIZATION ${administrator};
     CREATE SCHEMA app AUTHORIZATION app_owner`,
  );
});

test("an extension is made in howdah's schema, and moved to the one that the config names, any number of times", async () => {
  const { apply } = scriptOf("pgstattuple", "app");
  await asSuperuser(apply);
  await asSuperuser(apply);
  expect(await found("pgstattuple")).toBe("pgstattuple app");
  await asSuperuser(scriptOf("pgstattuple").apply);
  expect(await found("pgstattuple")).toBe("pgstattuple extensions");
  await asSuperuser(scriptOf("pgstattuple").revert);
  expect(await found("pgstattuple")).toBe("");
});

/** Ways in which the database's owner could have the script call a function of his. */
const traps: readonly (readonly [string, string, RegExp])[] = [
  ["the schema is the owner's", "ALTER SCHEMA extensions OWNER TO app_owner", /other roles than the administrator/],
  [
    "the owner may create in it",
    "GRANT CREATE ON SCHEMA extensions TO app_owner",
    /other roles than the administrator/,
  ],
  ["everybody may", "GRANT CREATE ON SCHEMA extensions TO PUBLIC", /other roles than the administrator/],
  [
    "a function of the owner's is in it",
    "CREATE FUNCTION extensions.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION extensions.f() OWNER TO app_owner",
    /objects that belong to no extension/,
  ],
];

test.each(traps)("nothing is made if %s", async (_, trap, message) => {
  await postgres.sql("app", trap);
  await expect(asSuperuser(scriptOf("pgstattuple", "app").apply)).rejects.toThrow(message);
  expect(await found("pgstattuple")).toBe("");
});

test("control: without the check, the script of an extension does call a function of the schema's owner", async () => {
  // As careless as an extension's script may be: an unqualified name, and arguments that fit the owner's function better.
  const careless = "SELECT upper('x'::varchar)";
  await postgres.sql(
    "app",
    `CREATE TABLE app.caught (who text); GRANT ALL ON app.caught TO app_owner;
     CREATE FUNCTION app.upper(varchar) RETURNS text LANGUAGE sql AS 'INSERT INTO app.caught VALUES (current_user) RETURNING who'`,
  );
  await asSuperuser(`SET search_path = app; ${careless}`);
  expect(await postgres.sql("app", "SELECT who FROM app.caught")).toEqual([{ who: "postgres" }]);
});

test("an extension in use is only dropped together with what uses it if the config says so", async () => {
  await asSuperuser(scriptOf("pgstattuple").apply);
  await postgres.sql("app", "CREATE VIEW app.uses AS SELECT * FROM extensions.pg_relpages('pg_class') AS pages");
  await expect(asSuperuser(scriptOf("pgstattuple").revert)).rejects.toThrow(/other objects depend on it/);
  await asSuperuser(scriptOf("pgstattuple", "extensions", true).revert);
  expect(await found("pgstattuple")).toBe("");
});

test("the catalogue says what control files say: of PostgreSQL's own extensions, and of the packages that this machine has", () => {
  const folder = "/usr/share/postgresql/15/extension";
  const there = Object.entries(catalogue).filter(
    ([name, entry]) => entry.package === undefined || existsSync(join(folder, `${name}.control`)),
  );
  for (const [name, { trusted, place }] of there) {
    const text = readFileSync(join(folder, `${name}.control`), "utf8");
    expect([name, /^trusted = '?true'?$/m.test(text)]).toEqual([name, trusted]);
    // The library alone needs no place.
    if (name !== "pgaudit") expect([name, /^relocatable = '?true'?$/m.test(text)]).toEqual([name, place === "any"]);
    expect([name, /^requires/m.test(text)]).toEqual([name, false]);
  }
});
