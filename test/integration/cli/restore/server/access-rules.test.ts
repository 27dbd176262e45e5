import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { accessRules, powerfulRoles } from "../../../../../cli/restore/server/access-rules";
import { checkOwner } from "../../../../../cli/dumps/restore/hand-over";
import type { Manifest } from "../../../../../cli/dumps/store/manifest";
import { isPowerful } from "../../../../../cli/session/powerful";
import { inSession } from "../../../../../cli/session/sql";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";

let postgres: ThrowawayPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.sql(
    "postgres",
    `CREATE ROLE app LOGIN; CREATE ROLE owner; GRANT owner TO app; GRANT pg_monitor TO app;
     CREATE ROLE boss LOGIN SUPERUSER; CREATE ROLE maker LOGIN CREATEROLE; CREATE ROLE copier LOGIN REPLICATION;
     CREATE ROLE bypasser LOGIN BYPASSRLS; CREATE ROLE between; GRANT postgres TO between;
     CREATE ROLE "of boss, too" LOGIN NOINHERIT; GRANT between TO "of boss, too"; CREATE ROLE "of ""maker""" LOGIN; GRANT maker TO "of ""maker""";
     CREATE ROLE reader LOGIN; GRANT pg_read_all_data TO reader; CREATE ROLE runner LOGIN; GRANT pg_execute_server_program TO runner;
     CREATE ROLE howdah_pooler LOGIN`,
  );
});
afterAll(() => postgres.stop());

const powerful = [
  ..."between boss bypasser copier howdah_pooler maker".split(" "),
  'of "maker"',
  ..."of boss, too|postgres|reader|runner".split("|"),
];

test("powerful is who has rights beyond a database, or is a member of such a role over any number of others", async () => {
  expect(await powerfulRoles(postgres)).toEqual(powerful);
  const ordinary = await postgres.sql(
    "postgres",
    `SELECT rolname FROM pg_roles r WHERE NOT ${isPowerful("r")} ORDER BY 1`,
  );
  expect(ordinary).toEqual([{ rolname: "app" }, { rolname: "owner" }]);
});

test("the owner of a restored dump is judged alike", async () => {
  const check = (role: string) => inSession(postgres, (client) => checkOwner(client, {} as Manifest, role));
  for (const role of powerful) await expect(check(role)).rejects.toThrow("has privileges beyond its database");
  expect(await check("owner")).toBe("owner");
});

test("the server reads the rules as they are meant: those roles are rejected, by name", async () => {
  await writeFile(join(postgres.dataDirectory, "pg_hba.conf"), accessRules(powerful).replace("hostssl", "host"));
  const rules = await postgres.sql<{ names: string[]; method: string; error: string | null }>(
    "postgres",
    "SELECT user_name AS names, auth_method AS method, error FROM pg_hba_file_rules ORDER BY line_number",
  );
  expect(rules).toEqual([
    { names: ["postgres"], method: "peer", error: null },
    { names: powerful, method: "reject", error: null },
    { names: ["all"], method: "scram-sha-256", error: null },
  ]);
});

test.each([
  ["a newline", "evil\nhost all all all trust", "evil\\nhost all all all trust"],
  ["a control character", "evil\u001b[2J", "evil\\x1b[2J"],
  ["a slash to begin with, which is a pattern from PostgreSQL 16 on", "/^$", "/^$"],
])("a powerful role is refused whose name has %s; an ordinary one is not", async (_what, name, shown) => {
  const identifier = `"${name}"`;
  await postgres.sql("postgres", `CREATE ROLE ${identifier} LOGIN`);
  expect(await powerfulRoles(postgres)).toEqual(powerful);
  await postgres.sql("postgres", `GRANT maker TO ${identifier}`);
  await expect(powerfulRoles(postgres)).rejects.toThrow(`could not be kept out: "${shown}". Restore`);
  await postgres.sql("postgres", `DROP ROLE ${identifier}`);
});
