import type { ThrowawayPostgres } from "../../../../../support/servers/postgres/throwaway-postgres";
import {
  ADMINISTRATOR,
  asAdministrator,
  lentRoles,
  Stage,
  startWithAdministrator,
} from "../../../../../support/plugins/postgresql-stage";

let postgres: ThrowawayPostgres;
let stage: Stage;

beforeAll(async () => {
  postgres = await startWithAdministrator();
  stage = await new Stage(postgres).open();
  await asAdministrator(postgres, "CREATE ROLE shop_owner");
  await postgres.sql("postgres", "CREATE DATABASE shop OWNER shop_owner");
  await postgres.sql(
    "shop",
    "CREATE SCHEMA app AUTHORIZATION shop_owner; CREATE SCHEMA other AUTHORIZATION shop_owner",
  );
});
afterAll(async () => {
  await stage.close();
  await postgres.stop();
});

const asked = { name: "pg_trgm", database: "shop", schema: "app" };
const lent = () => lentRoles(postgres);

test("a trusted one is made without a superuser, belongs to the administrator, and reads back", async () => {
  const made = await stage.create("Extension", asked);
  expect(made).toMatchObject({
    id: "shop.pg_trgm",
    state: { ...asked, version: "1.6", createCascade: false, dropCascade: false },
  });
  expect(await stage.diff((await stage.refresh(made))!, asked)).toEqual([]);
  expect(await lent()).toEqual([]);
  const [row] = await postgres.sql(
    "shop",
    "SELECT extowner::regrole::text AS owner FROM pg_extension WHERE extname = 'pg_trgm'",
  );
  expect(row).toEqual({ owner: ADMINISTRATOR });
  await stage.delete(made);
  expect(await stage.refresh(made)).toBeUndefined();
  await stage.delete(made);
});

test("one that is there already is taken over where it is; only a superuser could move it", async () => {
  await postgres.sql("shop", "SET ROLE shop_owner; CREATE EXTENSION citext SCHEMA other");
  await expect(stage.create("Extension", { ...asked, name: "citext" })).rejects.toThrow(
    /is in schema other, and only a superuser can move it to app/,
  );
  const made = await stage.create("Extension", { ...asked, name: "citext", schema: "other" });
  expect((await stage.refresh(made))?.state).toMatchObject({ schema: "other" });
  await stage.delete(made);
  expect(await lent()).toEqual([]);
});

test("a move by a superuser is drift; one in use is only dropped with `dropCascade`", async () => {
  const hstore = { ...asked, name: "hstore" };
  const made = await stage.create("Extension", hstore);
  await postgres.sql("shop", "ALTER EXTENSION hstore SET SCHEMA other; CREATE TABLE app.t (h other.hstore)");
  const seen = (await stage.refresh(made))!;
  expect(await stage.diff(seen, hstore)).toEqual([{ property: "schema", kind: "update", drift: true }]);
  await expect(stage.delete(seen)).rejects.toThrow(/drop extension "hstore" in "shop": .*depend on it/);
  await stage.delete(await stage.update(seen, { ...hstore, schema: "other", dropCascade: true }));
  expect(await stage.refresh(seen)).toBeUndefined();
  const columns = "SELECT FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attnum > 0 AND NOT attisdropped";
  expect(await postgres.sql("shop", columns)).toEqual([]);
});

test("an untrusted one is refused in the server's words", async () => {
  await expect(stage.create("Extension", { ...asked, name: "pgstattuple" })).rejects.toThrow(
    /permission denied to create extension/,
  );
});
