import { aliasOf } from "../../components/capacity/connections";
import { extensionsSchema } from "../../components/postgres/extensions/extensions";
import { databaseGroups, roleOf } from "../../components/postgres/access/matrix";
import type { DatabaseSettings, Databases } from "../../components/postgres/schema";
import { loginsOf } from "../../components/postgres/access/logins/rotation";
import { brokenRules, type Problem, type Rule } from "../../lib/values";
import { keywords } from "./sql-keywords";

interface Named {
  readonly name: string;
  /** Database that holds the thing; the thing itself if that is a database. */
  readonly database: string;
  readonly databases: Databases;
}

const reservedDatabases = ["postgres", "template0", "template1", "pgbouncer"];
const reservedLogins = ["postgres", "replicator", "rewind", "public", "none", "pgbouncer"];
const reservedSchemas = ["public", "information_schema", "pooler", extensionsSchema];

const loginPath = ({ database, name }: Named): string[] => ["databases", database, "applications", name];
const schemaPath = ({ database }: Named): string[] => ["databases", database, "schemas"];
const databasePath = ({ database }: Named): string[] => ["databases", database];

const notKeyword = (path: (named: Named) => string[]): Rule<Named> => ({
  path,
  holds: ({ name }) => !keywords.has(name),
  message: ({ name }) => `"${name}" is a reserved word of SQL; choose another name`,
});

const notListed = (names: readonly string[], path: (named: Named) => string[]): Rule<Named> => ({
  path,
  holds: ({ name }) => !names.includes(name),
  message: ({ name }) => `"${name}" is reserved; choose a name other than ${names.join(", ")}`,
});

const noPgPrefix = (path: (named: Named) => string[]): Rule<Named> => ({
  path,
  holds: ({ name }) => !name.startsWith("pg_"),
  message: ({ name }) => `"${name}" starts with pg_, which PostgreSQL reserves; choose another name`,
});

/** Roles of a database begin with its name, the second login of an application with the first one's. */
const noOwnPrefix = (path: (named: Named) => string[]): Rule<Named> => ({
  path,
  holds: ({ name }) => name !== "howdah" && !name.startsWith("howdah_"),
  message: ({ name }) =>
    `"${name}" is reserved for howdah's own roles and databases, like every name that starts with howdah_; choose another name`,
});

const aliased = ({ name, databases }: Named): string | undefined =>
  Object.keys(databases).find((database) => name === aliasOf(database, "readOnly"));

const databaseRules: readonly Rule<Named>[] = [
  notListed(reservedDatabases, databasePath),
  noPgPrefix(databasePath),
  notKeyword(databasePath),
  noOwnPrefix(databasePath),
  {
    path: databasePath,
    holds: (database) => aliased(database) === undefined,
    message: (database) =>
      `"${database.name}" is PgBouncer's name for the read-only pool of database "${aliased(database) ?? ""}"; choose another name`,
  },
];

const collidingGroup = ({ name, databases }: Named): string | undefined =>
  Object.keys(databases).find((database) => databaseGroups.some((group) => name === roleOf(group, database)));

/** The application whose second login has this name. */
const alternating = ({ name, databases }: Named): string | undefined =>
  Object.values(databases)
    .flatMap(({ applications }) => Object.entries(applications))
    .find(
      ([other, { rotations }]) => other !== name && loginsOf(other, rotations).some(({ role }) => role === name),
    )?.[0];

const firstHolder = ({ name, databases }: Named): string | undefined =>
  Object.entries(databases).find(([, { applications }]) => Object.hasOwn(applications, name))?.[0];

const loginRules: readonly Rule<Named>[] = [
  notListed(reservedLogins, loginPath),
  noPgPrefix(loginPath),
  notKeyword(loginPath),
  noOwnPrefix(loginPath),
  {
    path: loginPath,
    holds: (login) => collidingGroup(login) === undefined,
    message: (login) => `"${login.name}" is a group of database "${collidingGroup(login) ?? ""}"; choose another name`,
  },
  {
    path: loginPath,
    holds: (login) => alternating(login) === undefined,
    message: (login) =>
      `"${login.name}" is the second login of application "${alternating(login) ?? ""}", whose password is rotated; choose another name`,
  },
  {
    path: loginPath,
    holds: (login) => firstHolder(login) === login.database,
    message: (login) =>
      `"${login.name}" is already a login of database "${firstHolder(login) ?? ""}"; all databases of a server share its logins, so each needs its own name`,
  },
];

const schemaRules: readonly Rule<Named>[] = [
  notListed(reservedSchemas, schemaPath),
  noPgPrefix(schemaPath),
  notKeyword(schemaPath),
  noOwnPrefix(schemaPath),
];

function schemaProblems(schemas: readonly string[], database: string, databases: Databases): Problem[] {
  const repeated = schemas.filter((name, index) => schemas.indexOf(name) !== index);
  return [
    ...schemas.flatMap((name) => brokenRules(schemaRules, { name, database, databases })),
    ...repeated.map((name) => ({ path: ["databases", database, "schemas"], message: `"${name}" is listed twice` })),
  ];
}

function problemsOf(database: string, settings: DatabaseSettings, databases: Databases): Problem[] {
  return [
    ...brokenRules(databaseRules, { name: database, database, databases }),
    ...schemaProblems(settings.schemas, database, databases),
    ...Object.keys(settings.applications).flatMap((name) => brokenRules(loginRules, { name, database, databases })),
  ];
}

/** Names of databases, schemas and logins that clash with each other or with names that PostgreSQL, PgBouncer or this project own. */
export const nameProblems = (databases: Databases): Problem[] =>
  Object.entries(databases).flatMap(([database, settings]) => problemsOf(database, settings, databases));
