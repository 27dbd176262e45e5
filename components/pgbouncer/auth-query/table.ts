import { identifier, literal } from "../../../lib/sql/quote";
import { poolerLogin } from "../../postgres/access/matrix";
import { sha256 } from "../../../lib/hash";

/**
 * One statement with parameters, or statements without. Parameters carry secrets: PostgreSQL logs the text of what changes the
 * schema, or fails, and leaves parameters out of both.
 */
export interface Step {
  readonly sql: string;
  readonly values?: readonly string[];
}

/** SQL of the password look-up in one database, for an administrator who is no superuser. */
export interface LookupTable {
  /**
   * What makes, repairs and fills it; one transaction. Secret, because of the verifiers.
   * @param verifiers SCRAM verifiers by login; the house's own logins are left out, as no client comes as one of them
   */
  readonly apply: (verifiers: Readonly<Record<string, string>>) => readonly Step[];
  /** One row with one text that changes when somebody alters what `apply` made; fails where that is gone. Holds no verifier. */
  readonly probe: string;
  /** Takes all of it back, the role included. Without effect where nothing was applied. */
  readonly revert: string;
}

export interface LookupTableArgs {
  /** Name of the database that the SQL will run in. */
  readonly database: string;
  /** Groups whose members are looked up no more than a superuser is; one that does not exist is no error. Default none. */
  readonly powerfulGroups?: readonly string[];
}

/**
 * Owner of table and functions: without login, and of one database, as scripts of two databases that shared it would collide on
 * its row. 62 characters at most, as a database has 48.
 */
export const lookupTableOwner = (database: string): string => `howdah_lookup_${database}`;

const lookup = "pooler.user_lookup(text)";
const fingerprint = "pooler.verifiers_fingerprint()";

const lookupFunction = (
  groups: readonly string[],
): string => `CREATE FUNCTION pooler.user_lookup(login text) RETURNS TABLE (username text, password text)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = ''
AS $function$
  SELECT v.username, v.password
  FROM pooler.verifier v JOIN pg_catalog.pg_roles r ON r.rolname = v.username
  WHERE v.username = login
    AND r.rolcanlogin AND NOT r.rolsuper AND NOT r.rolreplication AND NOT r.rolcreaterole
    AND (r.rolvaliduntil IS NULL OR r.rolvaliduntil > pg_catalog.now())
    AND pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CONNECT')
    AND NOT pg_catalog.starts_with(v.username, 'howdah_') AND NOT pg_catalog.starts_with(v.username, 'pg_')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles g
      WHERE g.rolname = ANY (ARRAY[${groups.map(literal).join(", ")}]::pg_catalog.text[])
        AND pg_catalog.pg_has_role(r.oid, g.oid, 'MEMBER'))
$function$;`;

/** Lets the administrator see that rows were altered, and not what is in them. */
const fingerprintFunction = `CREATE FUNCTION ${fingerprint} RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $function$
  SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(E'\\n', pg_catalog.current_database(),
    pg_catalog.string_agg(pg_catalog.concat_ws(' ', username, password), E'\\n' ORDER BY username COLLATE pg_catalog."C")), 'UTF8')), 'hex')
  FROM pooler.verifier
$function$;`;

/** Everything in a schema of its own, made as its owner, whose grants nobody else can have set beforehand. */
const build = (owner: string, groups: readonly string[]): string => `
CREATE ROLE ${owner} NOLOGIN NOINHERIT NOCREATEDB NOCREATEROLE;
GRANT ${owner} TO CURRENT_USER;
CREATE SCHEMA pooler AUTHORIZATION ${owner};
SET LOCAL ROLE ${owner};
CREATE TABLE pooler.verifier (username text PRIMARY KEY, password text NOT NULL);
${lookupFunction(groups)}
${fingerprintFunction}
REVOKE ALL ON FUNCTION ${lookup}, ${fingerprint} FROM PUBLIC;
GRANT USAGE ON SCHEMA pooler TO ${poolerLogin}, SESSION_USER;
GRANT EXECUTE ON FUNCTION ${lookup} TO ${poolerLogin};
GRANT EXECUTE ON FUNCTION ${fingerprint} TO SESSION_USER;`;

/**
 * Hash of the definitions, owners and grants, and of the owner's attributes and members; null without the schema. The
 * administrator is left out of the members: from PostgreSQL 16 on whoever makes a role administers it.
 */
const structure = (owner: string): string => `(SELECT pg_catalog.md5(pg_catalog.concat_ws(E'\\n',
  s.nspowner::pg_catalog.regrole, s.nspacl,
  (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', pg_catalog.pg_get_functiondef(f.oid), f.proowner::pg_catalog.regrole, f.proacl),
      ';' ORDER BY f.proname)
    FROM pg_catalog.pg_proc f WHERE f.oid IN (pg_catalog.to_regprocedure('${lookup}'), pg_catalog.to_regprocedure('${fingerprint}'))),
  (SELECT pg_catalog.count(*) FROM pg_catalog.pg_proc f WHERE f.pronamespace = s.oid),
  (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', c.relname, c.relkind, c.relowner::pg_catalog.regrole, c.relacl,
      c.relrowsecurity, c.relforcerowsecurity, c.relhasrules, c.relhastriggers, c.relpersistence), ';' ORDER BY c.relname)
    FROM pg_catalog.pg_class c WHERE c.relnamespace = s.oid),
  (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname, a.atttypid::pg_catalog.regtype, a.attnotnull, a.attacl), ';' ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.to_regclass('pooler.verifier') AND a.attnum > 0),
  o.rolcanlogin, o.rolsuper, o.rolinherit, o.rolcreatedb, o.rolcreaterole, o.rolreplication, o.rolbypassrls,
  (SELECT pg_catalog.string_agg(m.rolname, ',' ORDER BY m.rolname)
    FROM pg_catalog.pg_auth_members r JOIN pg_catalog.pg_roles m ON m.oid = r.member
    WHERE r.roleid = o.oid AND m.rolname <> session_user)))
FROM pg_catalog.pg_namespace s LEFT JOIN pg_catalog.pg_roles o ON o.rolname = ${literal(owner)}
WHERE s.nspname = 'pooler')`;

/** Comment of the schema where it is ours. */
const mark = "howdah";

const comment =
  "(SELECT pg_catalog.obj_description(s.oid, 'pg_namespace') FROM pg_catalog.pg_namespace s WHERE s.nspname = 'pooler')";

/** True where a schema of this name is there and is somebody else's. */
const foreign = (owner: string): string => `EXISTS (SELECT FROM pg_catalog.pg_namespace s WHERE s.nspname = 'pooler'
  AND s.nspowner::pg_catalog.regrole::pg_catalog.text <> pg_catalog.quote_ident(${literal(owner)})
  AND pg_catalog.starts_with(${comment}, '${mark} ') IS NOT TRUE)`;

/**
 * Removes the objects and their owner, whoever owns them by now: the administrator joins each owner for the moment. Without
 * CASCADE: a schema that holds something else stops the script, and nothing is lost. For a block that declares `adopted` and `other`.
 */
const drop = (owner: string): string => `
FOR other IN SELECT r.rolname FROM pg_catalog.pg_roles r WHERE NOT pg_catalog.pg_has_role(r.oid, 'USAGE') AND (
    r.rolname = ${literal(owner)}
    OR r.oid IN (SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'pooler')
    OR r.oid IN (SELECT relowner FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass('pooler.verifier'))
    OR r.oid IN (SELECT proowner FROM pg_catalog.pg_proc
      WHERE oid IN (pg_catalog.to_regprocedure('${lookup}'), pg_catalog.to_regprocedure('${fingerprint}')))) LOOP
  EXECUTE pg_catalog.format('GRANT %I TO CURRENT_USER', other);
  adopted := pg_catalog.array_append(adopted, other);
END LOOP;
DROP FUNCTION IF EXISTS ${lookup}, ${fingerprint};
DROP TABLE IF EXISTS pooler.verifier;
DROP SCHEMA IF EXISTS pooler;
IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${literal(owner)}) THEN
  DROP OWNED BY ${identifier(owner)};
  DROP ROLE ${identifier(owner)};
END IF;
FOREACH other IN ARRAY adopted LOOP
  IF other <> ${literal(owner)} THEN
    EXECUTE pg_catalog.format('REVOKE %I FROM CURRENT_USER', other);
  END IF;
END LOOP;`;

/** Rows are changed in place, so that a login meanwhile finds its own: no lock stands in its way. */
const fill = `WITH wanted AS (SELECT key AS username, value AS password FROM pg_catalog.json_each_text($1::pg_catalog.json)),
gone AS (DELETE FROM pooler.verifier v WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.username = v.username))
INSERT INTO pooler.verifier AS v SELECT username, password FROM wanted
ON CONFLICT (username) DO UPDATE SET password = excluded.password WHERE v.password <> excluded.password`;

const isHouse = (login: string): boolean => login.startsWith("howdah_") || login.startsWith("pg_");

function fillStep(verifiers: Readonly<Record<string, string>>): Step {
  const rows = Object.entries(verifiers).filter(([login]) => !isHouse(login));
  return { sql: fill, values: [JSON.stringify(Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1))))] };
}

/** The owner's part of `apply`: all of it made anew where anything differs from what was made, and nothing touched elsewhere. */
function shapeStep(owner: string, groups: readonly string[]): Step {
  const made = build(identifier(owner), groups);
  const version = `${mark} ${sha256(made).slice(0, 16)} `;
  const sql = `DO $do$
DECLARE adopted pg_catalog.name[] := '{}'; other pg_catalog.name;
BEGIN
  IF ${foreign(owner)} THEN
    RAISE EXCEPTION 'schema pooler of database % is not howdah''s: rename it, or drop it', pg_catalog.current_database();
  END IF;
  IF ${comment} = '${version}' || ${structure(owner)} THEN
    RETURN;
  END IF;
${drop(owner)}
${made}
  EXECUTE pg_catalog.format('COMMENT ON SCHEMA pooler IS %L', '${version}' || ${structure(owner)});
  SET LOCAL ROLE NONE;
END
$do$;
GRANT ${identifier(owner)} TO CURRENT_USER;
SET LOCAL ROLE ${identifier(owner)};`;
  return { sql };
}

/**
 * The password look-up of PgBouncer where nobody may read `pg_authid`: a table of the verifiers that the program knows, and
 * `pooler.user_lookup`, which only PgBouncer may call. Its administrator may create roles and is a member of the database's
 * owner; `howdah_pooler` has to exist. The search path has to be `pg_catalog`.
 */
export function lookupTable({ database, powerfulGroups = [] }: LookupTableArgs): LookupTable {
  const owner = lookupTableOwner(database);
  const leave = { sql: `SET LOCAL ROLE NONE; REVOKE ${identifier(owner)} FROM CURRENT_USER;` };
  return {
    apply: (verifiers) => [shapeStep(owner, powerfulGroups), fillStep(verifiers), leave],
    probe: `SELECT pg_catalog.concat_ws(' ', ${structure(owner)}, ${fingerprint})`,
    revert: `DO $do$
DECLARE adopted pg_catalog.name[] := '{}'; other pg_catalog.name;
BEGIN
  IF NOT ${foreign(owner)} THEN
${drop(owner)}
  END IF;
END
$do$;`,
  };
}
