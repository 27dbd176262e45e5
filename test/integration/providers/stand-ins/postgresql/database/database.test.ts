import { Client } from "pg";
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
  await asAdministrator(postgres, "CREATE ROLE shop_owner; CREATE ROLE other_owner; CREATE ROLE guest LOGIN");
});
afterAll(async () => {
  await stage.close();
  await postgres.stop();
});

const lent = () => lentRoles(postgres);

describe("databases", () => {
  test("one is made for an owner that the administrator is no member of", async () => {
    const made = await stage.create("Database", { name: "shop", owner: "shop_owner", connectionLimit: 50 });
    expect(made).toMatchObject({
      id: "shop",
      state: {
        name: "shop",
        owner: "shop_owner",
        template: "template0",
        encoding: "UTF8",
        lcCollate: "C",
        lcCtype: "C",
        connectionLimit: 50,
        allowConnections: true,
        isTemplate: false,
        tablespaceName: "pg_default",
      },
    });
    expect(
      await stage.diff((await stage.refresh(made))!, { name: "shop", owner: "shop_owner", connectionLimit: 50 }),
    ).toEqual([]);
    expect(await lent()).toEqual([]);
  });

  test("collation and encoding are taken", async () => {
    const asked = { name: "german", encoding: "SQL_ASCII", lcCollate: "C", lcCtype: "C" };
    const made = await stage.create("Database", asked);
    expect((await stage.refresh(made))?.state).toMatchObject({ ...asked, owner: ADMINISTRATOR });
  });

  test.each([
    ["encoding", "LATIN1"],
    ["lcCollate", "POSIX"],
    ["lcCtype", "POSIX"],
    ["template", "template1"],
  ])("another %s is another database", async (property, value) => {
    const made = await stage.create("Database", { name: `fixed_${property.toLowerCase()}` });
    expect(await stage.diff(made, { ...made.inputs, [property]: value })).toEqual([
      { property, kind: "replace", drift: false },
    ]);
  });

  test("limits, owner and name change in place; objects follow the owner where asked to", async () => {
    const made = await stage.create("Database", { name: "moving", owner: "shop_owner" });
    await postgres.sql("moving", "CREATE TABLE stock (); ALTER TABLE stock OWNER TO shop_owner");
    const asked = {
      name: "moved",
      owner: "other_owner",
      alterObjectOwnership: true,
      connectionLimit: 2,
      isTemplate: true,
    };
    const changes = await stage.diff(made, asked);
    expect(changes.map((one) => one.property).sort()).toEqual(Object.keys(asked).sort());
    expect(changes.every((one) => one.kind === "update")).toBe(true);
    const moved = await stage.update(made, asked);
    expect(await stage.diff((await stage.refresh(moved))!, asked)).toEqual([]);
    expect(await postgres.sql("moved", "SELECT tableowner FROM pg_tables WHERE tablename = 'stock'")).toEqual([
      { tableowner: "other_owner" },
    ]);
    expect(await lent()).toEqual([]);
    await stage.delete(moved);
    expect(await stage.refresh(moved)).toBeUndefined();
  });

  test("one that a killed run left behind is completed; one of another encoding is refused", async () => {
    await postgres.sql("postgres", "CREATE DATABASE half TEMPLATE template0");
    await postgres.sql("postgres", `ALTER DATABASE half OWNER TO ${ADMINISTRATOR}`);
    await expect(stage.create("Database", { name: "half", encoding: "LATIN1" })).rejects.toThrow(
      /encoding UTF8 and not LATIN1/,
    );
    const made = await stage.create("Database", { name: "half", owner: "shop_owner" });
    expect(made.state).toMatchObject({ owner: "shop_owner" });
  });

  test("open sessions of other logins do not keep one from being dropped", async () => {
    const made = await stage.create("Database", { name: "busy", owner: "shop_owner" });
    const guest = new Client({ host: postgres.host, port: postgres.port, user: "guest", database: "busy" });
    const ended = new Promise<void>((resolve) =>
      guest.on("error", () => {
        resolve();
      }),
    );
    await guest.connect();
    await stage.delete(made);
    await ended;
    expect(await stage.refresh(made)).toBeUndefined();
    expect(await lent()).toEqual([]);
    await stage.delete(made);
  });
});

describe("schemas", () => {
  const asked = { name: "app", database: "shop", owner: "shop_owner" };

  test("one is made for the database's owner, and reads back", async () => {
    const made = await stage.create("Schema", asked);
    expect(made).toMatchObject({ id: "shop.app", state: { ...asked, ifNotExists: true, dropCascade: false } });
    expect(await stage.diff((await stage.refresh(made))!, asked)).toEqual([]);
    expect(await lent()).toEqual([]);
  });

  test("owner and name change in place, the database replaces", async () => {
    const made = await stage.create("Schema", { name: "wandering", database: "shop" });
    const next = { name: "settled", database: "shop", owner: "other_owner" };
    expect((await stage.diff(made, next)).map((one) => one.kind)).toEqual(["update", "update"]);
    expect(await stage.diff(made, { name: "wandering", database: "german" })).toEqual([
      { property: "database", kind: "replace", drift: false },
    ]);
    const there = await stage.update(made, next);
    expect((await stage.refresh(there))?.state).toMatchObject(next);
  });

  test("an existing one is taken over, unless ifNotExists forbids it", async () => {
    await postgres.sql("shop", "CREATE SCHEMA old");
    await expect(stage.create("Schema", { name: "old", database: "shop", ifNotExists: false })).rejects.toThrow(
      /exists already/,
    );
    // Owned by the superuser, whose rights nobody can lend: with the reason, as the server gives it.
    await expect(stage.create("Schema", { name: "old", database: "shop", owner: "shop_owner" })).rejects.toThrow(
      /SQLSTATE 42501/,
    );
    await postgres.sql("shop", "ALTER SCHEMA old OWNER TO other_owner");
    const made = await stage.create("Schema", { name: "old", database: "shop", owner: "shop_owner" });
    expect((await stage.refresh(made))?.state).toMatchObject({ owner: "shop_owner" });
  });

  test("one with content refuses to go, unless dropCascade says so", async () => {
    const made = await stage.create("Schema", { ...asked, name: "full" });
    await postgres.sql("shop", 'CREATE TABLE "full".t ()');
    await expect(stage.delete(made)).rejects.toThrow(/SQLSTATE 2BP01/);
    await stage.delete(await stage.update(made, { ...asked, name: "full", dropCascade: true }));
    expect(await stage.refresh(made)).toBeUndefined();
  });

  test("one in a database that is gone is gone, too", async () => {
    const database = await stage.create("Database", { name: "passing" });
    const made = await stage.create("Schema", { name: "app", database: "passing" });
    await stage.delete(database);
    expect(await stage.refresh(made)).toBeUndefined();
    await stage.delete(made);
  });

  test("one that may go with its tables goes while a session holds them; other sessions stay", async () => {
    await stage.create("Database", { name: "cascade", owner: "shop_owner" });
    const asked = { name: "busy", database: "cascade", owner: "shop_owner" };
    const firm = await stage.create("Schema", asked);
    await postgres.sql(
      "cascade",
      "CREATE TABLE busy.orders (); GRANT USAGE ON SCHEMA busy TO guest; ALTER TABLE busy.orders OWNER TO guest",
    );
    await expect(stage.delete(firm)).rejects.toThrow(/2BP01[^]*table busy.orders/);
    const made = await stage.update(firm, { ...asked, dropCascade: true });
    const { host, port } = postgres;
    const [holder, bystander] = [0, 1].map(() => new Client({ host, port, user: "guest", database: "cascade" }));
    const ended = new Promise((resolve) => holder!.on("error", resolve));
    for (const client of [holder!, bystander!]) await client.connect();
    await holder!.query("BEGIN; SELECT FROM busy.orders");
    await stage.delete(made);
    expect(await stage.refresh(made)).toBeUndefined();
    await ended;
    expect((await bystander!.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await bystander!.end();
    expect(await lent()).toEqual([]);
  });
});
