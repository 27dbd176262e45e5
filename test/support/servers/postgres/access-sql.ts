import { accessPlan } from "../../../../components/postgres/access/plan";
import type { AccessStep, GroupStep, LoginStep } from "../../../../components/postgres/access/steps";
import type { Databases } from "../../../../components/postgres/schema";
import { identifier, literal, receiver } from "../../../../lib/sql/quote";

const list = (names: readonly string[]): string => names.map(identifier).join(", ");

/** SQL for one database of a server: all of it as the superuser, in this order. */
export interface DatabaseSql {
  readonly database: string;
  readonly sql: string;
}

const groupSql = ({ role, memberOf }: GroupStep): string =>
  `CREATE ROLE ${identifier(role)}${memberOf.length === 0 ? "" : `; GRANT ${list(memberOf)} TO ${identifier(role)}`}`;

function loginSql({ role, memberOf, connectionLimit, searchPath, assumeRole }: LoginStep, password: string): string {
  return [
    `CREATE ROLE ${identifier(role)} LOGIN PASSWORD ${literal(password)} CONNECTION LIMIT ${connectionLimit}`,
    ...(memberOf.length === 0 ? [] : [`GRANT ${list(memberOf)} TO ${identifier(role)}`]),
    `ALTER ROLE ${identifier(role)} SET search_path = ${list(searchPath)}`,
    ...(assumeRole === undefined ? [] : [`ALTER ROLE ${identifier(role)} SET role = ${identifier(assumeRole)}`]),
  ].join(";\n");
}

const objects = { table: "TABLES", sequence: "SEQUENCES", function: "FUNCTIONS", type: "TYPES" } as const;

/** SQL of one step; none of a membership, as the superuser needs none. */
function stepSql(step: AccessStep, passwords: Readonly<Record<string, string>>): DatabaseSql[] {
  switch (step.kind) {
    case "group":
      return [{ database: "postgres", sql: groupSql(step) }];
    case "login":
      return [{ database: "postgres", sql: loginSql(step, passwords[step.role] ?? step.role) }];
    case "setting": {
      const { role, setting, value } = step;
      const sql = `ALTER ROLE ${identifier(role)} SET ${identifier(setting)} = ${literal(value)}`;
      return [{ database: "postgres", sql }];
    }
    case "membership":
      return [];
    case "database": {
      const { database, owner } = step;
      return [{ database: "postgres", sql: `CREATE DATABASE ${identifier(database)} OWNER ${identifier(owner)}` }];
    }
    case "schema": {
      const { database, schema, owner } = step;
      return [
        {
          database,
          sql: `CREATE SCHEMA ${identifier(schema)} AUTHORIZATION ${owner === undefined ? "CURRENT_USER" : identifier(owner)}`,
        },
      ];
    }
    case "extension": {
      const { database, extension, schema } = step;
      return [{ database, sql: `CREATE EXTENSION ${identifier(extension)} SCHEMA ${identifier(schema)}` }];
    }
    case "grant": {
      const { database, objectKind, schema, role, privileges } = step;
      const on = `${objectKind.toUpperCase()} ${identifier(schema ?? database)}`;
      const revoke = `REVOKE ALL ON ${on} FROM ${receiver(role)}`;
      const grant = `GRANT ${privileges.join(", ")} ON ${on} TO ${receiver(role)}`;
      return [{ database, sql: privileges.length === 0 ? revoke : grant }];
    }
    case "defaultPrivileges": {
      const { database, owner, objectKind, role, privileges } = step;
      const on = objects[objectKind];
      const revoke = `REVOKE ALL ON ${on} FROM ${receiver(role)}`;
      const grant = `GRANT ${privileges.join(", ")} ON ${on} TO ${receiver(role)}`;
      const change = privileges.length === 0 ? revoke : grant;
      return [{ database, sql: `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)} ${change}` }];
    }
  }
}

/** What follows one another in the same database, as one text: each is a connection. */
const inFewTexts = (all: readonly DatabaseSql[]): DatabaseSql[] =>
  all.reduce<DatabaseSql[]>((texts, { database, sql }) => {
    const last = texts.at(-1);
    // CREATE DATABASE stands alone: in one text with others it would be in a transaction.
    const alone = [last?.sql, sql].some((text) => text?.startsWith("CREATE DATABASE") === true);
    if (last === undefined || last.database !== database || alone) return [...texts, { database, sql }];
    return [...texts.slice(0, -1), { database, sql: `${last.sql};\n${sql}` }];
  }, []);

/**
 * Exactly the roles, databases and grants of the plan, in plain SQL, for tests of what a role can do with them.
 * @param passwords by login; of another login its name
 */
export const accessSql = (
  databases: Databases,
  { tokenGroup, poolers }: { readonly tokenGroup: string; readonly poolers?: number },
  passwords: Readonly<Record<string, string>> = {},
): DatabaseSql[] =>
  inFewTexts([
    { database: "postgres", sql: `CREATE ROLE ${identifier(tokenGroup)}` },
    ...accessPlan(databases, { jobs: { tokenGroup }, poolers }).flatMap((step) => stepSql(step, passwords)),
  ]);
