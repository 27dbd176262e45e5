import { host } from "../../../../../providers/host/host";
import type { Properties } from "../../../../../providers/runtime/resource";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { type Kept, PluginStage } from "../../../../support/plugins/stage";

const stage = new PluginStage(host);
let postgres: ThrowawayPostgres;

const shop = { schemas: ["app", "extra"], logins: ["web"], extensions: [], removable: false };
const old = { schemas: ["app"], logins: ["clerk"], extensions: [], removable: false };
const inputsOf = (databases: Properties): Properties => ({
  servers: [{ socketDirectory: postgres.socketDirectory, port: postgres.port }],
  databases,
});
/** What is refused when `after` follows on `before`. */
const refusal = async (before: Properties, after: Properties): Promise<string> => {
  const made = await stage.create("Removals", inputsOf(before));
  return stage.diff(made, inputsOf(after)).then(
    () => "",
    (error: unknown) => (error as Error).message,
  );
};

beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.sql(
    "postgres",
    "CREATE ROLE staff; CREATE ROLE web LOGIN IN ROLE staff; CREATE ROLE clerk LOGIN IN ROLE staff",
  );
  for (const name of ["shop", "old"]) {
    await postgres.sql("postgres", `CREATE DATABASE ${name}`);
    await postgres.sql(
      name,
      `CREATE SCHEMA pooler; CREATE FUNCTION pooler.user_lookup(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
       ALTER DEFAULT PRIVILEGES FOR ROLE staff GRANT SELECT ON TABLES TO staff`,
    );
  }
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  for (const [name, schemas] of Object.entries({ shop: shop.schemas, old: old.schemas }))
    await postgres.sql(
      name,
      `DROP SCHEMA IF EXISTS app, extra, own CASCADE; DROP TABLE IF EXISTS public.stray;
       SELECT lo_unlink(oid) FROM pg_largeobject_metadata; ALTER DATABASE ${name} OWNER TO staff;
       ${schemas.map((schema) => `CREATE SCHEMA ${schema} AUTHORIZATION staff;`).join("")}`,
    );
});

test("a database with nothing in it but what howdah makes may leave, and so may its logins", async () => {
  expect(await refusal({ shop, old }, { shop })).toBe("");
  expect(await refusal({ shop, old }, { shop: { ...shop, schemas: ["app"], logins: [] }, old })).toBe("");
});

test.each([
  ["CREATE TABLE app.orders (id serial PRIMARY KEY, at timestamptz UNIQUE)", "table app.orders"],
  ["CREATE VIEW app.now AS SELECT now()", "view app.now"],
  ["CREATE FUNCTION app.one() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function app.one()"],
  ["CREATE DOMAIN app.code AS text", "type app.code"],
  ["CREATE TABLE public.stray (n int)", "table public.stray"],
  ["CREATE SCHEMA own; CREATE SEQUENCE own.counter", "sequence own.counter"],
  ["SELECT lo_create(4711)", "large object 4711"],
])("a database in which a user did %s may not, and the error names it", async (statement, named) => {
  await postgres.sql("old", statement);
  const text = await refusal({ shop, old }, { shop });
  expect(text).toContain(`  database "old": ${named}\n`);
  expect(text).toContain("Nothing was changed");
});

test("a schema may leave as long as it is empty; what is in other schemas does not matter", async () => {
  const less = { shop: { ...shop, schemas: ["app"] }, old };
  await postgres.sql("shop", "CREATE TABLE app.kept ()");
  expect(await refusal({ shop, old }, less)).toBe("");
  await postgres.sql("shop", "CREATE TABLE extra.orders ()");
  expect(await refusal({ shop, old }, less)).toContain('schema "extra" of database "shop": table extra.orders\n');
});

test.each([
  ["shop", "CREATE TABLE app.mine (); ALTER TABLE app.mine OWNER TO web", "owner of table app.mine in database shop"],
  ["old", "CREATE TABLE app.t (); GRANT SELECT ON app.t TO web", "privileges for table app.t in database old"],
  ["postgres", "ALTER DATABASE old OWNER TO web", "owner of database old"],
])("a login may not leave where something hangs on it (%s: %s)", async (database, statement, named) => {
  await postgres.sql(database, statement);
  expect(await refusal({ shop, old }, { shop: { ...shop, logins: [] }, old })).toContain(`  login "web": ${named}\n`);
});

test("what hangs on a login in a database that goes, goes along", async () => {
  await postgres.sql("old", "CREATE TABLE app.mine (); ALTER TABLE app.mine OWNER TO clerk");
  const word = { ...old, removable: true };
  expect(await refusal({ shop, old: word }, { shop })).toBe("");
  await postgres.sql("shop", "CREATE TABLE app.other (); ALTER TABLE app.other OWNER TO clerk");
  expect(await refusal({ shop, old: word }, { shop })).toContain("owner of table app.other in database shop");
});

test("the word counts one up later: given while the entry leaves, it was never recorded", async () => {
  await postgres.sql("old", "CREATE TABLE app.orders ()");
  const word = { ...old, removable: true };
  expect(await refusal({ shop, old: word }, { shop })).toBe("");
  await postgres.sql("shop", "CREATE TABLE extra.orders ()");
  const late = { shop: { ...shop, schemas: ["app"], removable: true }, old };
  expect(await refusal({ shop, old }, late)).toContain('schema "extra"');
});

test("while no server answers, nothing leaves; what stays is no matter", async () => {
  const away = (databases: Properties) => ({ servers: [{ socketDirectory: "/nonexistent", port: 1 }], databases });
  const made: Kept = await stage.create("Removals", away({ shop, old }));
  await expect(stage.diff(made, away({ shop }))).rejects.toThrow(
    /database "old", login "clerk" would be dropped, but no server/,
  );
  expect(await stage.diff(made, away({ shop, old }))).toEqual([]);
  const more = await stage.diff(made, away({ shop, old, third: old }));
  expect(more.map(({ property }) => property)).toEqual(["databases"]);
});

describe("an extension", () => {
  const withExtensions = (...extensions: string[]): Properties => ({ shop: { ...shop, extensions }, old });
  beforeEach(() =>
    postgres.sql(
      "shop",
      "DROP EXTENSION IF EXISTS citext, pg_trgm CASCADE; CREATE EXTENSION citext SCHEMA app; CREATE EXTENSION pg_trgm SCHEMA app",
    ),
  );

  test("may leave as long as nothing uses it", async () => {
    await postgres.sql("shop", "CREATE TABLE app.users (name text)");
    expect(await refusal(withExtensions("citext", "pg_trgm"), withExtensions("pg_trgm"))).toBe("");
  });

  test.each([
    ["CREATE TABLE app.users (name app.citext)", "column name of table app.users"],
    ["CREATE TABLE app.users (names app.citext[])", "column names of table app.users"],
    ["CREATE TABLE app.users (name text); CREATE INDEX found ON app.users ((name::app.citext))", "index app.found"],
    ["CREATE VIEW app.v AS SELECT 'a'::app.citext AS name", "column name of view app.v, rule _RETURN on view app.v"],
  ])("may not after %s", async (statement, named) => {
    await postgres.sql("shop", statement);
    const text = await refusal(withExtensions("citext", "pg_trgm"), withExtensions("pg_trgm"));
    expect(text).toContain(`  extension "citext" of database "shop": ${named}\n`);
    const removable = { shop: { ...shop, extensions: ["citext"], removable: true }, old };
    expect(await refusal(removable, withExtensions())).toBe("");
  });

  test("of howdah's does not keep its database or its schema from leaving", async () => {
    const { old: rest } = withExtensions();
    expect(await refusal(withExtensions("citext", "pg_trgm"), { old: rest })).toBe("");
    const smaller = { shop: { ...shop, schemas: ["extra"] }, old };
    expect(await refusal(withExtensions("citext", "pg_trgm"), smaller)).toBe("");
  });

  test("of a user's does", async () => {
    expect(await refusal(withExtensions("citext"), { old })).toContain("extension pg_trgm");
  });
});

describe("what has left the config and was not dropped, since the `up` failed", () => {
  /** The record after an `up` that admitted `after`; `later` happens before the next one. */
  const admitted = async (after: Properties, later?: [database: string, statement: string]): Promise<Kept> => {
    const made = await stage.create("Removals", inputsOf({ shop, old }));
    await stage.diff(made, inputsOf(after));
    const kept = await stage.update(made, inputsOf(after));
    if (later !== undefined) await postgres.sql(...later);
    return (await stage.refresh(kept))!;
  };
  const less = { ...shop, schemas: ["app"] };

  test.each<[Properties, [string, string], string]>([
    [{ shop }, ["old", "CREATE TABLE app.late ()"], 'database "old": table app.late'],
    [
      { shop: less, old },
      ["shop", "CREATE TABLE extra.late ()"],
      'schema "extra" of database "shop": table extra.late',
    ],
    [
      { shop: { ...less, removable: true }, old },
      ["shop", "CREATE TABLE extra.late (); ALTER TABLE extra.late OWNER TO web"],
      "",
    ],
    [
      { shop: { ...shop, logins: [] }, old },
      ["shop", "CREATE TABLE app.late (); ALTER TABLE app.late OWNER TO web"],
      'login "web": owner of table app.late',
    ],
  ])("is looked at again: %j, and then in %j", async (after, later, named) => {
    const kept = await admitted(after, later);
    const answer = stage.diff(kept, inputsOf(after));
    if (named === "") await expect(answer).resolves.toEqual([]);
    else await expect(answer).rejects.toThrow(named);
  });

  test("is no change as long as it is empty, and may be put back", async () => {
    const kept = await admitted({ shop });
    expect(await stage.diff(kept, inputsOf({ shop }))).toEqual([]);
    expect(await stage.diff(kept, inputsOf({ shop, old }))).toHaveLength(1);
    expect((await stage.update(kept, inputsOf({ shop, old }))).state).toEqual(inputsOf({ shop, old }));
  });

  test("stays on record while no server answers", async () => {
    const kept = await admitted({ shop });
    const away = { ...inputsOf({ shop }), servers: [{ socketDirectory: "/nonexistent", port: 1 }] };
    const silent = { ...kept, inputs: away, state: { ...kept.state, servers: away.servers } };
    expect(await stage.refresh(silent)).toEqual(silent);
  });

  test("is forgotten once it is dropped, each thing by itself", async () => {
    const kept = await admitted({ shop: { ...less, logins: [] } }, ["shop", "DROP SCHEMA extra"]);
    expect(kept.state).toMatchObject({ databases: { shop: { ...less, logins: ["web"] }, old } });
    await postgres.sql("postgres", "DROP ROLE web");
    await postgres.sql("postgres", "DROP DATABASE old");
    const login = await stage.refresh(kept);
    expect(login?.state).toMatchObject({ databases: { shop: { ...less, logins: [] }, old } });
    await postgres.sql("postgres", "DROP ROLE clerk");
    const none = (await stage.refresh(kept))!;
    expect(none.state).toEqual(none.inputs);
    expect(await stage.diff(none, none.inputs)).toEqual([]);
    await postgres.sql("postgres", "CREATE ROLE web LOGIN IN ROLE staff; CREATE ROLE clerk LOGIN IN ROLE staff");
    await postgres.sql("postgres", "CREATE DATABASE old");
  });
});

test("what is in the config stays recorded, even if it was dropped", async () => {
  const made = await stage.create("Removals", inputsOf({ shop, gone: { ...old, logins: ["nobody"] } }));
  expect(await stage.refresh(made)).toEqual(made);
});

test("a database that was already dropped may leave", async () => {
  await postgres.sql("postgres", "DROP DATABASE old");
  expect(await refusal({ shop, old }, { shop })).toBe("");
});
