import { poolerLogin } from "../../postgres/access/matrix";

/** Owner of the lookup function: a role without login that reads six columns of `pg_authid` and nothing else. */
export const lookupOwner = "howdah_pooler_lookup";

const columns = ["rolname", "rolpassword", "rolcanlogin", "rolsuper", "rolreplication", "rolvaliduntil"].join(", ");

const signature = "pooler.user_lookup(text)";

/** Attributes of a role that owns a function and can do nothing else. */
const powerless = "NOLOGIN NOSUPERUSER NOINHERIT NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";

// ALTER only where something differs: roles are shared by all databases, and two scripts at a time would collide on the row.
const ensureOwner = `DO $do$
DECLARE membership record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${lookupOwner}') THEN
    BEGIN
      CREATE ROLE ${lookupOwner} ${powerless};
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${lookupOwner}' AND (rolcanlogin OR rolsuper OR rolinherit
      OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)) THEN
    ALTER ROLE ${lookupOwner} ${powerless};
  END IF;
  FOR membership IN SELECT member::pg_catalog.regrole AS member, grantor::pg_catalog.regrole AS grantor
      FROM pg_catalog.pg_auth_members WHERE roleid = '${lookupOwner}'::pg_catalog.regrole LOOP
    EXECUTE pg_catalog.format('REVOKE ${lookupOwner} FROM %s GRANTED BY %s', membership.member, membership.grantor);
  END LOOP;
END
$do$;`;

// Without CASCADE: a schema of this name that holds something else stops the script, and nothing is lost.
const drop = `DROP FUNCTION IF EXISTS ${signature};
DROP SCHEMA IF EXISTS pooler;`;

const lookup = `CREATE FUNCTION pooler.user_lookup(login text) RETURNS TABLE (username text, password text)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = ''
AS $function$
  SELECT rolname::pg_catalog.text, rolpassword
  FROM pg_catalog.pg_authid
  WHERE rolname = login
    AND rolcanlogin AND NOT rolsuper AND NOT rolreplication
    AND (rolvaliduntil IS NULL OR rolvaliduntil > pg_catalog.now())
    AND pg_catalog.has_database_privilege(rolname, pg_catalog.current_database(), 'CONNECT')
    AND NOT pg_catalog.starts_with(rolname::pg_catalog.text, 'howdah_')
    AND NOT pg_catalog.starts_with(rolname::pg_catalog.text, 'pg_')
$function$;`;

/**
 * SQL for a superuser, in every database, once `Access` has made `howdah_pooler`: PgBouncer's `auth_query` may look up the
 * password verifier of an application's login, and of nobody else. Made anew in one transaction, so that an altered
 * function, owner or grant is gone afterwards.
 */
export const apply = `BEGIN;
${ensureOwner}
${drop}
CREATE SCHEMA pooler;
REVOKE ALL ON SCHEMA pooler FROM PUBLIC;
GRANT USAGE ON SCHEMA pooler TO ${poolerLogin};
${lookup}
REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${signature} TO ${poolerLogin};
ALTER FUNCTION ${signature} OWNER TO ${lookupOwner};
REVOKE ALL ON pg_catalog.pg_authid FROM ${lookupOwner};
GRANT SELECT (${columns}) ON pg_catalog.pg_authid TO ${lookupOwner};
COMMIT;
`;

/** Takes `apply` back; the role goes with its last database. Without effect where nothing was applied. */
export const revert = `BEGIN;
${drop}
DO $do$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${lookupOwner}') THEN
    REVOKE ALL ON pg_catalog.pg_authid FROM ${lookupOwner};
    -- A block of its own: where the role is still needed, only the DROP is rolled back.
    BEGIN
      DROP ROLE ${lookupOwner};
    EXCEPTION WHEN dependent_objects_still_exist THEN
      NULL;
    END;
  END IF;
END
$do$;
COMMIT;
`;

/**
 * One row with one text: `absent`, or a fingerprint of the function, its owner, every grant that bears on it, and the owner's
 * attributes and members. It differs as soon as one of them is altered; compare it with the one taken after `apply`.
 */
export const probe = `SELECT coalesce((
  SELECT pg_catalog.md5(pg_catalog.concat_ws(E'\\n',
    pg_catalog.pg_get_functiondef(f.oid), f.proowner::pg_catalog.regrole, f.proacl,
    s.nspowner::pg_catalog.regrole, s.nspacl,
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', r.privilege_type, r.is_grantable), ',' ORDER BY r.privilege_type)
      FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) r
      WHERE c.oid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND r.grantee = o.oid),
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname, r.privilege_type, r.is_grantable), ','
        ORDER BY a.attnum, r.privilege_type)
      FROM pg_catalog.pg_attribute a, pg_catalog.aclexplode(a.attacl) r
      WHERE a.attrelid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND r.grantee = o.oid),
    o.rolcanlogin, o.rolsuper, o.rolinherit, o.rolcreatedb, o.rolcreaterole, o.rolreplication, o.rolbypassrls,
    (SELECT pg_catalog.string_agg(member::pg_catalog.regrole::pg_catalog.text, ',' ORDER BY member)
      FROM pg_catalog.pg_auth_members WHERE roleid = o.oid)))
  FROM pg_catalog.pg_proc f
  JOIN pg_catalog.pg_namespace s ON s.oid = f.pronamespace
  LEFT JOIN pg_catalog.pg_roles o ON o.rolname = '${lookupOwner}'
  WHERE f.oid = pg_catalog.to_regprocedure('${signature}')
), 'absent')`;
