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
});
afterAll(async () => {
  await stage.close();
  await postgres.stop();
});

const storedPassword = async (name: string) =>
  (await postgres.sql<{ p: string }>("postgres", `SELECT rolpassword AS p FROM pg_authid WHERE rolname = '${name}'`))[0]
    ?.p;

/** A server of `trust` accepts anything; the password is tried if the line for it asks for SCRAM. */
async function logsIn(user: string, password: string): Promise<boolean> {
  await postgres.sql(
    "postgres",
    `COPY (SELECT 'host all ${user} all scram-sha-256') TO PROGRAM
    'cat - ${postgres.dataDirectory}/pg_hba.conf > /tmp/hba.$$ && cp /tmp/hba.$$ ${postgres.dataDirectory}/pg_hba.conf; rm /tmp/hba.$$'`,
  );
  await postgres.reload();
  const client = new Client({ host: postgres.host, port: postgres.port, user, password, database: "postgres" });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

test("a login with every property reads back as it was asked for", async () => {
  await stage.create("Role", { name: "staff" });
  const asked = {
    name: "clerk",
    login: true,
    password: "correct horse",
    inherit: false,
    createDatabase: true,
    createRole: true,
    connectionLimit: 7,
    validUntil: "2099-01-01",
    roles: ["staff"],
    searchPaths: ["$user", "App Data", 'odd"name'],
    statementTimeout: 300_000,
    idleInTransactionSessionTimeout: 60_000,
    assumeRole: "staff",
  };
  const made = await stage.create("Role", asked);
  expect(made.id).toBe("clerk");
  expect(made.state).toMatchObject(asked);
  const again = await stage.refresh(made);
  expect(again?.state).toMatchObject(asked);
  expect(await stage.diff(again!, asked)).toEqual([]);
});

test("the server gets a SCRAM verifier of the password, and the password logs in", async () => {
  await stage.create("Role", { name: "writer", login: true, password: "s3cret-text" });
  expect(await storedPassword("writer")).toMatch(/^SCRAM-SHA-256\$4096:/);
  expect(await logsIn("writer", "s3cret-text")).toBe(true);
  expect(await logsIn("writer", "another")).toBe(false);
});

test("a ready verifier is stored as it is", async () => {
  const verifier = (await storedPassword("writer"))!;
  await stage.create("Role", { name: "twin", login: true, password: verifier });
  expect(await storedPassword("twin")).toBe(verifier);
});

test("each property changes in place, and back", async () => {
  await asAdministrator(postgres, "CREATE ROLE club");
  const plain = { name: "changing" };
  const changed = {
    ...plain,
    login: true,
    password: "x",
    inherit: false,
    createDatabase: true,
    createRole: true,
    connectionLimit: 3,
    validUntil: "2088-02-02",
    roles: ["club"],
    searchPaths: ["a", "b"],
    statementTimeout: 1,
    idleInTransactionSessionTimeout: 2,
    assumeRole: "club",
  };
  const made = await stage.create("Role", plain);
  const changes = await stage.diff(made, changed);
  expect(changes.map((one) => one.property).sort()).toEqual(
    Object.keys(changed)
      .filter((key) => key !== "name")
      .sort(),
  );
  expect(new Set(changes.map((one) => one.kind))).toEqual(new Set(["update"]));
  const there = await stage.update(made, changed);
  expect((await stage.refresh(there))?.state).toMatchObject(changed);
  const back = await stage.refresh(await stage.update(there, plain));
  expect(await stage.diff(back!, plain)).toEqual([]);
  expect(await storedPassword("changing")).toBeNull();
});

test("a new password replaces the old one, and an unchanged one is left alone", async () => {
  const made = await stage.create("Role", { name: "rotating", login: true, password: "one" });
  const before = await storedPassword("rotating");
  const same = await stage.update(made, { name: "rotating", login: true, password: "one", connectionLimit: 5 });
  expect(await storedPassword("rotating")).toBe(before);
  await stage.update(same, { name: "rotating", login: true, password: "two", connectionLimit: 5 });
  expect(await storedPassword("rotating")).not.toBe(before);
});

test("a rename keeps the role, its password and its id", async () => {
  const made = await stage.create("Role", { name: "before", login: true, password: "p" });
  expect(await stage.diff(made, { name: "after", login: true, password: "p" })).toEqual([
    { property: "name", kind: "update", drift: false },
  ]);
  const renamed = await stage.update(made, { name: "after", login: true, password: "p" });
  expect((await stage.refresh(renamed))?.state).toMatchObject({ name: "after" });
  await stage.delete(renamed);
  expect(await stage.refresh(renamed)).toBeUndefined();
});

test("a manual change shows after a refresh and is repaired", async () => {
  const asked = { name: "drifting", login: true, statementTimeout: 1000, roles: [] };
  const made = await stage.create("Role", asked);
  await asAdministrator(
    postgres,
    "ALTER ROLE drifting CONNECTION LIMIT 1; GRANT staff TO drifting; ALTER ROLE drifting SET statement_timeout = '5s'",
  );
  const seen = (await stage.refresh(made))!;
  expect(seen.state).toMatchObject({ connectionLimit: 1, roles: ["staff"], statementTimeout: 5000 });
  const changes = await stage.diff(seen, asked);
  expect(changes.map((one) => one.property).sort()).toEqual(["connectionLimit", "roles", "statementTimeout"]);
  expect(changes.every((one) => one.drift === true)).toBe(true);
  const repaired = (await stage.refresh(await stage.update(seen, asked)))!;
  expect(await stage.diff(repaired, asked)).toEqual([]);
});

test("a membership that another role has granted is revoked, or reported", async () => {
  const asked = { name: "strange", roles: [] };
  const made = await stage.create("Role", asked);
  await postgres.sql("postgres", "GRANT staff TO strange");
  const outcome = await stage.update((await stage.refresh(made))!, asked).then(
    () => "revoked",
    (error: unknown) => String(error),
  );
  const left = (await stage.refresh(made))!.state["roles"] as string[];
  expect(outcome).toMatch(left.length === 0 ? /^revoked$/ : /still a member of staff: only its grantor/);
});

test("a setting that the program does not give shows after a refresh and is repaired", async () => {
  const asked = { name: "silent", login: true };
  const made = await stage.create("Role", asked);
  await postgres.sql("postgres", "ALTER ROLE silent SET role = 'staff'; ALTER ROLE silent SET search_path = theirs");
  const seen = (await stage.refresh(made))!;
  const changes = await stage.diff(seen, asked);
  expect(changes.map((one) => one.property).sort()).toEqual(["assumeRole", "searchPaths"]);
  const repaired = (await stage.refresh(await stage.update(seen, asked)))!;
  expect(await stage.diff(repaired, asked)).toEqual([]);
});

test("a role that a killed run left behind is completed, with a warning", async () => {
  await asAdministrator(postgres, "CREATE ROLE half CONNECTION LIMIT 9");
  const made = await stage.create("Role", { name: "half", login: true, password: "p" });
  expect(made.state).toMatchObject({ login: true, connectionLimit: -1 });
  expect(stage.said.warnings.at(-1)).toContain('"half" existed already');
});

test.each(["postgres", ADMINISTRATOR])("%s is never taken over", async (name) => {
  await expect(stage.create("Role", { name })).rejects.toThrow(/not taken over/);
});

test("a role that still owns something in the provider's database goes, and the object stays", async () => {
  const made = await stage.create("Role", { name: "leaver" });
  await postgres.sql("postgres", "CREATE TABLE keepsake (); ALTER TABLE keepsake OWNER TO leaver");
  await stage.delete(made);
  expect(await postgres.sql("postgres", "SELECT tableowner FROM pg_tables WHERE tablename = 'keepsake'")).toEqual([
    { tableowner: ADMINISTRATOR },
  ]);
  expect(await stage.refresh(made)).toBeUndefined();
  await stage.delete(made);
});

test("a role that holds something in another database is not dropped, and the error names that database", async () => {
  await postgres.sql("postgres", "CREATE DATABASE elsewhere");
  const made = await stage.create("Role", { name: "holder" });
  await postgres.sql("elsewhere", "CREATE TABLE t (); GRANT SELECT ON t TO holder");
  await expect(stage.delete(made)).rejects.toThrow(/SQLSTATE 2BP01[^]*database elsewhere/);
  await postgres.sql("elsewhere", "REVOKE ALL ON t FROM holder");
  await stage.delete(made);
  expect(await stage.refresh(made)).toBeUndefined();
});

test("skipDropRole leaves the role in place", async () => {
  const made = await stage.create("Role", { name: "staying", skipDropRole: true });
  await stage.delete(made);
  expect(await stage.refresh(made)).toBeDefined();
});

test("the administrator keeps no membership that it lent itself", async () => {
  expect(await lentRoles(postgres)).toEqual([]);
});

test("an error says what, why and the SQLSTATE, and never the password", async () => {
  const attempt = stage.create("Role", { name: "refused", superuser: true, password: "tell-nobody" });
  await expect(attempt).rejects.toThrow(
    /create role "refused": (must be superuser|permission denied).*\(SQLSTATE 42501\)/,
  );
  // A password with a NUL is the one that the server quotes back most readily.
  const odd = await stage.create("Role", { name: "odd", password: "tell\u0000nobody" }).catch(String);
  expect(odd).toMatch(/create role "odd"/);
  expect(odd).not.toContain("nobody");
});
