import { accessPlan, type LoginPlan } from "../../../components/postgres/access/plan";
import type { Databases } from "../../../components/postgres/schema";

const quoted = (name: string): string => (name === "public" ? "PUBLIC" : `"${name}"`);
const list = (names: readonly string[]): string => names.map(quoted).join(", ");

/** SQL for one database of a server: all of it as the superuser, in this order. */
export interface DatabaseSql {
  readonly database: string;
  readonly sql: string;
}

function loginSql({ role, memberOf, connectionLimit, searchPath, assumeRole }: LoginPlan, password: string): string {
  return [
    `CREATE ROLE ${quoted(role)} LOGIN PASSWORD '${password.replaceAll("'", "''")}' CONNECTION LIMIT ${connectionLimit}`,
    ...(memberOf.length === 0 ? [] : [`GRANT ${list(memberOf)} TO ${quoted(role)}`]),
    `ALTER ROLE ${quoted(role)} SET search_path = ${list(searchPath)}`,
    ...(assumeRole === undefined ? [] : [`ALTER ROLE ${quoted(role)} SET role = ${quoted(assumeRole)}`]),
  ].join(";\n");
}

const objects = { table: "TABLES", sequence: "SEQUENCES", function: "FUNCTIONS", type: "TYPES" } as const;

/**
 * Exactly the roles, databases and grants of the plan, in plain SQL, for tests of what a role can do with them.
 * @param passwords by login; of another login its name
 */
export function accessSql(
  databases: Databases,
  tokenGroup: string,
  passwords: Readonly<Record<string, string>> = {},
): DatabaseSql[] {
  const plan = accessPlan(databases, { tokenGroup });
  const inDatabase = (database: string): string =>
    [
      ...plan.schemas
        .filter((step) => step.database === database)
        .map(({ schema, owner }) => `CREATE SCHEMA ${quoted(schema)} AUTHORIZATION ${quoted(owner)}`),
      ...plan.grants
        .filter((step) => step.database === database)
        .map(({ kind, schema, role, privileges }) => {
          const on = `${kind.toUpperCase()} ${quoted(schema ?? database)}`;
          return privileges.length === 0
            ? `REVOKE ALL ON ${on} FROM ${quoted(role)}`
            : `GRANT ${privileges.join(", ")} ON ${on} TO ${quoted(role)}`;
        }),
      ...plan.defaultPrivileges
        .filter((step) => step.database === database)
        .map(({ owner, kind, role, privileges }) => {
          const change = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(owner)}`;
          return privileges.length === 0
            ? `${change} REVOKE ALL ON ${objects[kind]} FROM ${quoted(role)}`
            : `${change} GRANT ${privileges.join(", ")} ON ${objects[kind]} TO ${quoted(role)}`;
        }),
    ].join(";\n");
  const groups = plan.groups.map(
    ({ role, memberOf }) =>
      `CREATE ROLE ${quoted(role)}${memberOf.length === 0 ? "" : `; GRANT ${list(memberOf)} TO ${quoted(role)}`}`,
  );
  return [
    {
      database: "postgres",
      sql: [
        `CREATE ROLE ${quoted(tokenGroup)}`,
        ...groups,
        ...plan.logins.map((login) => loginSql(login, passwords[login.role] ?? login.role)),
      ].join(";\n"),
    },
    ...plan.databases.flatMap(({ database, owner }) => [
      { database: "postgres", sql: `CREATE DATABASE ${quoted(database)} OWNER ${quoted(owner)}` },
      { database, sql: inDatabase(database) },
    ]),
  ];
}
