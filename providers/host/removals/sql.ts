import { literal } from "../../../lib/sql/quote";
import { textFile } from "../../../lib/text/text-file";
import { fillSql } from "../../../lib/sql/fill";

// Lookups in catalogs alone, each one row with one JSON list. A superuser runs them in the users' databases: they touch no object
// of a user and call functions of `pg_catalog` only.

/** Names of all databases. */
export const databasesOf = "SELECT pg_catalog.json_agg(datname) FROM pg_catalog.pg_database";

/** Names of the databases with contents: a DROP DATABASE that was interrupted leaves one that takes no connections (-2). */
export const intactDatabases = `${databasesOf} WHERE datconnlimit <> -2`;

/** Names of all schemas of the database. */
export const schemasOf = "SELECT pg_catalog.json_agg(nspname) FROM pg_catalog.pg_namespace";

/** Names of all extensions of the database. */
export const extensionsOf = "SELECT pg_catalog.json_agg(extname) FROM pg_catalog.pg_extension";

/** What DROP EXTENSION … CASCADE would drop in addition to the extension, and the tables whose rows a dump of it keeps. */
export const usersOf = (extension: string): string =>
  fillSql(textFile(__dirname, "extension-users.sql"), { values: { extension } });

/** Names of all roles. */
export const rolesOf = "SELECT pg_catalog.json_agg(rolname) FROM pg_catalog.pg_roles";

/** Schemas that PostgreSQL makes, and the one of the password lookup. */
const ownSchemas =
  "n.nspname IN ('information_schema', 'pooler') OR pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')";

/**
 * What a schema, or all schemas and large objects of the database, hold: what DROP SCHEMA … RESTRICT counts. Left out is what belongs
 * to an extension, a table's column or an index of one: the extension or table is there itself; and the extensions that the config
 * has made, unless they hold rows and go with the database.
 */
export function contentsOf(made: readonly string[], schema?: string): string {
  const scope = schema === undefined ? `NOT (${ownSchemas})` : `n.nspname = ${literal(schema)}`;
  const more =
    schema === undefined
      ? `UNION ALL SELECT 'large object ' || m.oid::pg_catalog.text FROM pg_catalog.pg_largeobject_metadata m
  UNION ALL SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, c.oid, 0)
    FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_class c ON c.oid = ANY (x.extconfig) WHERE c.relkind = 'r'`
      : "";
  return fillSql(textFile(__dirname, "contents.sql"), { values: { made }, parts: { scope, more } });
}

/** A login that is owner or grantee of something. */
export interface Dependent {
  readonly login: string;
  /** Database of the objects; null for databases and tablespaces themselves. */
  readonly database: string | null;
}

/** Owners ('o'), grantees ('a') and subjects of a policy ('r'): each keeps PostgreSQL from dropping the role. Memberships don't. */
const hangsOn = `s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.deptype IN ('o', 'a', 'r')
  AND s.classid <> 'pg_catalog.pg_auth_members'::pg_catalog.regclass`;

/**
 * Logins on which something hangs, by database.
 * @param going databases that leave: what is in them leaves first
 */
export const dependents = (logins: readonly string[], going: readonly string[]): string =>
  fillSql(textFile(__dirname, "dependents.sql"), { values: { logins, going }, parts: { hangs_on: hangsOn } });

/**
 * What hangs on a login, in the words of PostgreSQL's DETAIL. To be asked in `database`.
 * @param database null for databases and tablespaces themselves
 */
export const dependentsOf = (login: string, database: string | null): string =>
  fillSql(textFile(__dirname, "dependents-of.sql"), {
    values: { login, place: database === null ? "" : ` in database ${database}` },
    parts: {
      hangs_on: hangsOn,
      own:
        database === null
          ? "0"
          : "(SELECT b.oid FROM pg_catalog.pg_database b WHERE b.datname = pg_catalog.current_database())",
    },
  });
