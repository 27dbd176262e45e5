import type { ThrowawayPostgres } from "../../../../../support/servers/postgres/throwaway-postgres";
import {
  ADMINISTRATOR,
  asAdministrator,
  lentRoles,
  startWithAdministrator,
  Stage,
} from "../../../../../support/plugins/postgresql-stage";

let postgres: ThrowawayPostgres;
let stage: Stage;

beforeAll(async () => {
  postgres = await startWithAdministrator();
  stage = await new Stage(postgres).open();
  await asAdministrator(
    postgres,
    "CREATE ROLE boss; CREATE ROLE reader; CREATE ROLE helper; CREATE ROLE stranger LOGIN",
  );
  await stage.create("Database", { name: "shop", owner: "boss" });
  await stage.create("Schema", { name: "app", database: "shop", owner: "boss" });
  await postgres.sql(
    "shop",
    `SET ROLE boss; CREATE TABLE app.orders (id int); CREATE TABLE app.items (id int); CREATE VIEW app.open AS SELECT 1 AS one;
     CREATE SEQUENCE app.numbers; CREATE FUNCTION app.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
     CREATE FUNCTION app.f(text) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE app.p() LANGUAGE sql AS ''`,
  );
});
afterAll(async () => {
  await stage.close();
  await postgres.stop();
});

const may = async (question: string) =>
  (await postgres.sql<{ yes: boolean }>("shop", `SELECT ${question} AS yes`))[0]?.yes;
const shop = { database: "shop", role: "reader" };

test.each([
  ["database", { privileges: ["CONNECT", "TEMPORARY"] }, "reader_shop_database"],
  ["schema", { schema: "app", privileges: ["USAGE"] }, "reader_shop_app_schema"],
  ["table", { schema: "app", privileges: ["SELECT", "INSERT"] }, "reader_shop_app_table"],
  ["sequence", { schema: "app", privileges: ["USAGE"] }, "reader_shop_app_sequence"],
  ["function", { schema: "app", privileges: ["EXECUTE"] }, "reader_shop_app_function"],
  ["procedure", { schema: "app", privileges: ["EXECUTE"] }, "reader_shop_app_procedure"],
  ["routine", { schema: "app", privileges: ["ALL"] }, "reader_shop_app_routine"],
])("privileges on a %s are granted, read back, and revoked", async (objectType, rest, id) => {
  const asked = { ...shop, objectType, ...rest };
  const made = await stage.create("Grant", asked);
  expect(made.id).toBe(id);
  const seen = (await stage.refresh(made))!;
  expect(seen.state["privileges"]).toEqual(rest.privileges);
  expect(await stage.diff(seen, asked)).toEqual([]);
  await stage.delete(made);
  expect((await stage.refresh(made))?.state["privileges"]).toEqual([]);
});

test("objects by name get the privileges, the others do not; ids name them in the order of the official plugin", async () => {
  const asked = { ...shop, schema: "app", objectType: "table", objects: ["orders", "items"], privileges: ["SELECT"] };
  const made = await stage.create("Grant", asked);

  expect(made.id).toBe("reader_shop_app_table_items_orders");
  expect(await may("has_table_privilege('reader', 'app.orders', 'SELECT')")).toBe(true);
  expect(await may("has_table_privilege('reader', 'app.open', 'SELECT')")).toBe(false);
  expect(await stage.diff(made, { ...asked, objects: ["items", "orders"] })).toEqual([]);
  await stage.delete(made);
});

test.each(["f(int)", "f(integer)"])(
  "one of two overloaded functions can be named by its arguments: %s",
  async (name) => {
    const functions = { ...shop, schema: "app", objectType: "function" };
    await stage.create("Grant", { ...functions, role: "public", privileges: [] });
    const asked = { ...functions, objects: [name], privileges: ["EXECUTE"] };
    const made = await stage.create("Grant", asked);
    expect(await may("has_function_privilege('reader', 'app.f(int)', 'EXECUTE')")).toBe(true);
    expect(await may("has_function_privilege('reader', 'app.f(text)', 'EXECUTE')")).toBe(false);
    expect(await stage.diff((await stage.refresh(made))!, asked)).toEqual([]);
    await stage.delete(made);
  },
);

test("no privileges for public revokes what PUBLIC has from birth", async () => {
  expect(await may("has_database_privilege('stranger', 'shop', 'TEMPORARY')")).toBe(true);
  const asked = { database: "shop", role: "public", objectType: "database", privileges: [] };
  const made = await stage.create("Grant", asked);
  expect(made.id).toBe("public_shop_database");
  expect(await may("has_database_privilege('stranger', 'shop', 'TEMPORARY')")).toBe(false);
  expect(await stage.diff((await stage.refresh(made))!, asked)).toEqual([]);
  await postgres.sql("postgres", "GRANT CONNECT ON DATABASE shop TO PUBLIC");
  const seen = (await stage.refresh(made))!;
  expect(seen.state["privileges"]).toEqual(["CONNECT"]);
  expect(await stage.diff(seen, asked)).toEqual([{ property: "privileges", kind: "update", drift: true }]);
  await stage.update(seen, asked);
  expect(await may("has_database_privilege('stranger', 'shop', 'CONNECT')")).toBe(false);
});

test("an administrator that lost CONNECT with PUBLIC gets an error that says what to do", async () => {
  await stage.close();
  const attempt = stage.create("Grant", { ...shop, schema: "app", objectType: "schema", privileges: ["USAGE"] });
  await expect(attempt).rejects.toThrow(/SQLSTATE 42501[^]*hint: grant admin_login CONNECT/);
  await stage.create("Grant", { ...shop, role: ADMINISTRATOR, objectType: "database", privileges: ["CONNECT"] });
  await stage.create("Grant", { ...shop, schema: "app", objectType: "schema", privileges: ["USAGE"] });
});

test("a privilege that was revoked or granted manually shows after a refresh and is repaired", async () => {
  const asked = { ...shop, role: "helper", schema: "app", objectType: "table", privileges: ["SELECT", "UPDATE"] };
  const made = await stage.create("Grant", asked);
  for (const byHand of ["REVOKE UPDATE ON app.items FROM helper", "GRANT DELETE ON app.open TO helper"]) {
    await postgres.sql("shop", `SET ROLE boss; ${byHand}`);
    const seen = (await stage.refresh(made))!;
    expect(await stage.diff(seen, asked)).toEqual([{ property: "privileges", kind: "update", drift: true }]);
    expect(await stage.diff((await stage.refresh(await stage.update(seen, asked)))!, asked)).toEqual([]);
  }
  expect(await may("has_table_privilege('helper', 'app.open', 'DELETE')")).toBe(false);
});

test("a grant option, given manually, shows after a refresh and is taken back", async () => {
  const asked = { ...shop, schema: "app", objectType: "table", objects: ["orders"], privileges: ["SELECT", "INSERT"] };
  const made = await stage.create("Grant", asked);
  await postgres.sql("shop", "SET ROLE boss; GRANT SELECT ON app.orders TO reader WITH GRANT OPTION");
  const seen = (await stage.refresh(made))!;
  expect(await stage.diff(seen, asked)).toEqual([{ property: "withGrantOption", kind: "replace", drift: true }]);
  await stage.delete(seen);
  const again = (await stage.refresh(await stage.create("Grant", asked)))!;
  expect(await stage.diff(again, asked)).toEqual([]);
  await stage.delete(again);
});

test("so does one on objects to come", async () => {
  const asked = { ...shop, owner: "boss", objectType: "table", privileges: ["SELECT", "INSERT"] };
  const made = await stage.create("DefaultPrivileges", asked);
  expect(await stage.diff((await stage.refresh(made))!, asked)).toEqual([]);
  await postgres.sql(
    "shop",
    "ALTER DEFAULT PRIVILEGES FOR ROLE boss GRANT SELECT ON TABLES TO reader WITH GRANT OPTION",
  );
  const seen = (await stage.refresh(made))!;
  expect(await stage.diff(seen, asked)).toEqual([{ property: "withGrantOption", kind: "replace", drift: true }]);
  const again = (await stage.refresh(await stage.update(seen, asked)))!;
  expect(await stage.diff(again, asked)).toEqual([]);
  await stage.delete(again);
});

test("fewer privileges are an update in place, in one transaction", async () => {
  const asked = { ...shop, schema: "app", objectType: "sequence", privileges: ["USAGE", "SELECT"] };
  const made = await stage.create("Grant", asked);
  await stage.update(made, { ...asked, privileges: ["SELECT"] });
  expect(await may("has_sequence_privilege('reader', 'app.numbers', 'USAGE')")).toBe(false);
  expect(await may("has_sequence_privilege('reader', 'app.numbers', 'SELECT')")).toBe(true);
});

test("a grant that the server ignores with a warning is an error", async () => {
  // The superuser owns this database: PostgreSQL warns that nothing was granted, and reports success.
  const attempt = stage.create("Grant", {
    database: "postgres",
    role: "reader",
    objectType: "database",
    privileges: ["CONNECT"],
  });
  await expect(attempt).rejects.toThrow(/"postgres" belongs to postgres.*holds nothing on it and not CONNECT/);
});

test.each([
  ["schema", { objectType: "table", privileges: ["SELECT"] }, /schema: is needed/],
  [
    "objects",
    { objectType: "schema", schema: "app", objects: ["x"], privileges: ["USAGE"] },
    /objects: cannot be given/,
  ],
  [
    "privileges",
    { objectType: "schema", schema: "app", privileges: ["SELECT"] },
    /SELECT is not a privilege of a schema/,
  ],
  ["objectType", { objectType: "column", schema: "app", privileges: ["SELECT"] }, /objectType: must be one of/],
  ["columns", { objectType: "table", schema: "app", columns: ["id"], privileges: [] }, /columns: is not a property/],
])("a wrong %s is refused before anything is done", async (_property, rest, message) => {
  await expect(stage.create("Grant", { ...shop, ...rest })).rejects.toThrow(message);
});

test("forty grants at once all arrive, and nothing lent stays", async () => {
  const roles = Array.from({ length: 10 }, (_, index) => `crowd_${index}`);
  await Promise.all(roles.map((name) => stage.create("Role", { name, roles: ["helper"] })));
  await stage.create("Database", { name: "second", owner: "boss" });
  const grants = roles.flatMap((role) => [
    { role, database: "shop", objectType: "database", privileges: ["CONNECT"] },
    { role, database: "shop", objectType: "schema", schema: "app", privileges: ["USAGE"] },
    { role, database: "shop", objectType: "table", schema: "app", privileges: ["SELECT"] },
    { role, database: "second", objectType: "database", privileges: ["CONNECT"] },
  ]);
  const made = await Promise.all(grants.map((grant) => stage.create("Grant", grant)));
  for (const one of made) expect(await stage.diff((await stage.refresh(one))!, one.inputs)).toEqual([]);
  await Promise.all(made.map((one) => stage.delete(one)));
  expect(await lentRoles(postgres)).toEqual([]);
});

test("a login whose grants went first can go", async () => {
  const login = await stage.create("Role", { name: "application", login: true, roles: ["reader"] });
  const made = await stage.create("Grant", {
    ...shop,
    role: "application",
    objectType: "database",
    privileges: ["CONNECT"],
  });
  await stage.delete(made);
  await stage.delete(login);
  expect(await stage.refresh(login)).toBeUndefined();
  expect(await stage.refresh(made)).toBeUndefined();
});

describe("memberships", () => {
  test("one is granted, read back and revoked", async () => {
    const asked = { role: "stranger", grantRole: "reader", withAdminOption: true };
    const made = await stage.create("GrantRole", asked);
    expect(made.id).toBe("stranger_reader_true");
    expect(await stage.diff((await stage.refresh(made))!, asked)).toEqual([]);
    expect((await stage.diff(made, { ...asked, withAdminOption: false })).map((one) => one.kind)).toEqual(["replace"]);
    await stage.delete(made);
    expect(await stage.refresh(made)).toBeUndefined();
  });

  test("that the administrator may administer a role, as its creator, is none", async () => {
    const asked = { role: ADMINISTRATOR, grantRole: "helper", withAdminOption: false };
    const made = await stage.create("GrantRole", asked);
    expect(await stage.diff((await stage.refresh(made))!, asked)).toEqual([]);
    await stage.delete(made);
    expect(await stage.refresh(made)).toBeUndefined();
  });

  test("one that another role has granted is revoked, or reported", async () => {
    const made = await stage.create("GrantRole", { role: "stranger", grantRole: "reader", withAdminOption: false });
    await postgres.sql("postgres", "GRANT reader TO stranger GRANTED BY postgres");
    const gone = await stage.delete(made).then(
      () => true,
      (error: unknown) => String(error),
    );
    const left = (await stage.refresh(made)) !== undefined;
    expect([gone, left]).toEqual(
      left ? [expect.stringMatching(/is still there: only its grantor/), true] : [true, false],
    );
    await postgres.sql("postgres", "REVOKE reader FROM stranger");
  });
});

describe("default privileges", () => {
  const asked = { ...shop, owner: "boss", schema: "app", objectType: "table", privileges: ["SELECT"] };

  test("new tables of the owner carry them", async () => {
    const made = await stage.create("DefaultPrivileges", asked);
    expect(made.id).toBe("reader_shop_app_boss_table");
    await postgres.sql("shop", "SET ROLE boss; CREATE TABLE app.fresh ()");
    expect(await may("has_table_privilege('reader', 'app.fresh', 'SELECT')")).toBe(true);
    expect(await may("has_table_privilege('reader', 'app.fresh', 'INSERT')")).toBe(false);
    const seen = (await stage.refresh(made))!;
    expect(await stage.diff(seen, asked)).toEqual([]);
    const more = { ...asked, privileges: ["SELECT", "INSERT"] };
    const updated = await stage.update(seen, more);
    expect(await stage.diff((await stage.refresh(updated))!, more)).toEqual([]);
    await stage.delete(updated);
    expect(await stage.refresh(updated)).toBeUndefined();
  });

  test("public loses what new functions give everybody, and a reset shows", async () => {
    const none = { database: "shop", role: "public", owner: "boss", objectType: "function", privileges: [] };
    const made = await stage.create("DefaultPrivileges", none);
    expect(made.id).toBe("public_shop_noschema_boss_function");
    await postgres.sql("shop", "SET ROLE boss; CREATE FUNCTION app.quiet() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    expect(await may("has_function_privilege('stranger', 'app.quiet()', 'EXECUTE')")).toBe(false);
    expect(await stage.diff((await stage.refresh(made))!, none)).toEqual([]);
    await postgres.sql("shop", "ALTER DEFAULT PRIVILEGES FOR ROLE boss GRANT EXECUTE ON FUNCTIONS TO PUBLIC");
    expect(await stage.diff((await stage.refresh(made))!, none)).toEqual([
      { property: "privileges", kind: "update", drift: true },
    ]);
  });

  test.each(["sequence", "type", "routine", "schema"])("they exist for each %s, too", async (objectType) => {
    const some = { ...shop, owner: "boss", objectType, privileges: ["ALL"] };
    const made = await stage.create("DefaultPrivileges", some);
    expect(await stage.diff((await stage.refresh(made))!, some)).toEqual([]);
  });

  test("in a schema nothing can be revoked from public, and a warning says so", async () => {
    await stage.create("DefaultPrivileges", { ...asked, role: "public", objectType: "function", privileges: [] });
    expect(stage.said.warnings.at(-1)).toMatch(/PUBLIC keeps/);
  });
});
