import { psql } from "../../../../lib/sql/psql";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";

/** What the owner of a database can do without any help: an operator that notes who runs it, found before the server's own. */
const trap = `CREATE SCHEMA trap; GRANT USAGE ON SCHEMA trap TO PUBLIC;
CREATE TABLE trap.caught (who name);
CREATE FUNCTION trap.equal(name, name) RETURNS bool LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$ BEGIN INSERT INTO trap.caught VALUES (current_user); RETURN true; END $$;
CREATE OPERATOR trap.= (LEFTARG = name, RIGHTARG = name, FUNCTION = trap.equal);
ALTER DATABASE app SET search_path = trap, pg_catalog;
ALTER DATABASE app SET role = owner;
ALTER DATABASE app SET default_transaction_read_only = on;`;

let postgres: ThrowawayPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.sql("postgres", "CREATE ROLE owner LOGIN; CREATE ROLE second SUPERUSER LOGIN");
  await postgres.sql("postgres", "CREATE DATABASE app OWNER owner");
  await psql(server(), { database: "app", user: "owner", sql: trap });
});
afterAll(() => postgres.stop());

const server = () => ({ socketDirectory: postgres.socketDirectory, port: postgres.port });
const look = "SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = 'nobody'::name";
const caught = () => psql(server(), { database: "app", sql: "SELECT DISTINCT who FROM trap.caught" });

test("the superuser runs no code of a database's owner, and keeps his rights and his limits there", async () => {
  expect(await psql(server(), { database: "app", sql: look })).toBe("0");
  expect(await caught()).toBe("");
  const settings = "SELECT current_user, current_setting('default_transaction_read_only')";
  expect(await psql(server(), { database: "app", sql: settings })).toBe("postgres|off");
});

test("control: a superuser with the database's settings falls into the trap", async () => {
  const sql = `RESET ROLE; SET default_transaction_read_only = off; SET ROLE none; ${look}`;
  expect(await psql(server(), { database: "app", user: "second", sql })).not.toBe("0");
  expect(await caught()).toBe("second");
});
