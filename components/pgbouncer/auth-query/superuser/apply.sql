BEGIN;
DO $do$
DECLARE membership record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'howdah_pooler_lookup') THEN
    BEGIN
      CREATE ROLE howdah_pooler_lookup NOLOGIN NOSUPERUSER NOINHERIT NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'howdah_pooler_lookup' AND (rolcanlogin OR rolsuper OR rolinherit
      OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)) THEN
    ALTER ROLE howdah_pooler_lookup NOLOGIN NOSUPERUSER NOINHERIT NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
  FOR membership IN SELECT member::pg_catalog.regrole AS member, grantor::pg_catalog.regrole AS grantor
      FROM pg_catalog.pg_auth_members WHERE roleid = 'howdah_pooler_lookup'::pg_catalog.regrole LOOP
    EXECUTE pg_catalog.format('REVOKE howdah_pooler_lookup FROM %s GRANTED BY %s', membership.member, membership.grantor);
  END LOOP;
END
$do$;
DROP FUNCTION IF EXISTS pooler.user_lookup(text);
DROP SCHEMA IF EXISTS pooler;
CREATE SCHEMA pooler;
REVOKE ALL ON SCHEMA pooler FROM PUBLIC;
GRANT USAGE ON SCHEMA pooler TO howdah_pooler;
CREATE FUNCTION pooler.user_lookup(login text) RETURNS TABLE (username text, password text)
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
$function$;
REVOKE ALL ON FUNCTION pooler.user_lookup(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pooler.user_lookup(text) TO howdah_pooler;
ALTER FUNCTION pooler.user_lookup(text) OWNER TO howdah_pooler_lookup;
REVOKE ALL ON pg_catalog.pg_authid FROM howdah_pooler_lookup;
GRANT SELECT (rolname, rolpassword, rolcanlogin, rolsuper, rolreplication, rolvaliduntil) ON pg_catalog.pg_authid TO howdah_pooler_lookup;
COMMIT;
