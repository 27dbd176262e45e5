import { keepRoles, readRoles, type Roles } from "../../../../../cli/restore/in-place/roles";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";

let today: ThrowawayPostgres;
let restored: ThrowawayPostgres;
let roles: Roles;
let gone: string[];

const at = (server: ThrowawayPostgres) => ({ socketDirectory: server.socketDirectory, port: server.port });

beforeAll(async () => {
  [today, restored] = await Promise.all([startPostgres(), startPostgres()]);
  await today.sql(
    "postgres",
    `CREATE ROLE app LOGIN PASSWORD 'of today'; CREATE ROLE boss LOGIN SUPERUSER; CREATE ROLE watcher LOGIN;
     GRANT pg_monitor TO watcher; ALTER ROLE boss SET log_min_messages = 'error';
     CREATE ROLE team; CREATE ROLE lead; CREATE ROLE granter; GRANT team TO granter WITH ADMIN OPTION;
     GRANT team TO app; GRANT team TO lead; GRANT team TO watcher WITH ADMIN OPTION; GRANT lead TO boss`,
  );
  // What a backup may hold: other passwords, superusers of its own, and settings that a superuser's sessions begin with.
  await restored.sql(
    "postgres",
    `CREATE ROLE app LOGIN SUPERUSER PASSWORD 'of then'; CREATE ROLE boss LOGIN SUPERUSER; CREATE ROLE watcher LOGIN;
     GRANT pg_monitor, pg_execute_server_program TO watcher; GRANT postgres TO app, pg_monitor;
     CREATE ROLE team; CREATE ROLE lead; CREATE ROLE granter; GRANT team TO granter WITH ADMIN OPTION;
     GRANT postgres TO team; GRANT team TO app; GRANT team TO lead WITH ADMIN OPTION; GRANT team TO watcher;
     GRANT lead TO granter WITH ADMIN OPTION; GRANT lead TO watcher GRANTED BY granter;
     CREATE ROLE mallory LOGIN SUPERUSER REPLICATION BYPASSRLS CREATEROLE PASSWORD 'known';
     CREATE ROLE "left: ""us""" LOGIN PASSWORD 'known'; GRANT pg_read_server_files TO "left: ""us""";
     CREATE ROLE keeper NOLOGIN; CREATE TABLE kept (id int); ALTER TABLE kept OWNER TO keeper;
     ALTER ROLE boss SET log_min_messages = 'error'; ALTER ROLE boss SET work_mem = '77MB';
     ALTER ROLE postgres IN DATABASE postgres SET search_path = 'evil';
     ALTER ROLE ALL SET log_min_duration_statement = 7; ALTER ROLE watcher SET work_mem = '8MB';
     ALTER DATABASE postgres SET session_replication_role = 'replica'`,
  );
  roles = await readRoles(at(today));
  gone = await keepRoles(at(restored), roles);
});
afterAll(() => Promise.all([today.stop(), restored.stop()]));

const one = async (sql: string): Promise<unknown> => Object.values((await restored.sql("postgres", sql))[0] ?? {})[0];
const attributes = (role: string): Promise<unknown> =>
  one(
    `SELECT concat_ws(' ', rolsuper, rolreplication, rolbypassrls, rolcreaterole, rolcanlogin) FROM pg_roles WHERE rolname = '${role}'`,
  );

test("a login has the password and the attributes of today", async () => {
  const verifier = roles.roles.find(({ role }) => role === "app")?.verifier;
  expect(await one("SELECT rolpassword FROM pg_authid WHERE rolname = 'app'")).toBe(verifier);
  expect(await attributes("app")).toBe("f f f f t");
  expect(await attributes("boss")).toBe("t f f f t");
});

test("a role that is not there today comes back without rights, password and login, and is named", async () => {
  expect(await attributes("mallory")).toBe("f f f f f");
  expect(
    await one(
      "SELECT count(*)::int FROM pg_authid WHERE rolname IN ('mallory', 'left: \"us\"') AND rolpassword IS NULL",
    ),
  ).toBe(2);
  expect(gone.toSorted()).toEqual(['left: "us"', "mallory"]);
  expect(await one("SELECT tableowner FROM pg_tables WHERE tablename = 'kept'")).toBe("keeper");
});

test("memberships and their admin options are those that exist today as well, regardless of their grantor; none is added", async () => {
  const members = await restored.sql<{ line: string }>(
    "postgres",
    `SELECT concat_ws(' ', roleid::regrole, member::regrole, CASE WHEN admin_option THEN 'admin' END) AS line
     FROM pg_auth_members WHERE roleid >= 16384 OR member >= 16384 OR roleid = 'postgres'::regrole ORDER BY 1`,
  );
  expect(members.map(({ line }) => line)).toEqual([
    "pg_monitor watcher",
    "team app",
    "team granter admin",
    "team lead",
    "team watcher",
  ]);
});

test("no login of the applications is a superuser by membership", async () => {
  const reaching = "SELECT count(*)::int FROM pg_roles WHERE NOT rolsuper AND pg_has_role(oid, 'postgres', 'MEMBER')";
  expect(await one(reaching)).toBe(0);
});

test("a superuser's sessions begin with the settings of today, and no other's with a superuser's; others stay", async () => {
  const settings = await restored.sql<{ line: string }>(
    "postgres",
    "SELECT setrole::regrole || ' ' || array_to_string(setconfig, ',') AS line FROM pg_db_role_setting ORDER BY 1",
  );
  expect(settings.map(({ line }) => line)).toEqual(["boss log_min_messages=error", "watcher work_mem=8MB"]);
});

test("a second time, nothing changes", async () => {
  const state = "SELECT md5(string_agg(a::text, ',' ORDER BY oid)) FROM pg_authid a";
  const before = await one(state);
  await keepRoles(at(restored), roles);
  expect(await one(state)).toBe(before);
});
