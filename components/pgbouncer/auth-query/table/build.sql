CREATE ROLE :"owner" NOLOGIN NOINHERIT NOCREATEDB NOCREATEROLE;
GRANT :"owner" TO CURRENT_USER;
CREATE SCHEMA pooler AUTHORIZATION :"owner";
SET LOCAL ROLE :"owner";
CREATE TABLE pooler.verifier (username text PRIMARY KEY, password text NOT NULL);
CREATE FUNCTION pooler.user_lookup(login text) RETURNS TABLE (username text, password text)
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
      WHERE g.rolname = ANY (ARRAY[:'groups']::pg_catalog.text[])
        AND pg_catalog.pg_has_role(r.oid, g.oid, 'MEMBER'))
$function$;
CREATE FUNCTION pooler.verifiers_fingerprint() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $function$
  SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(E'\n', pg_catalog.current_database(),
    pg_catalog.string_agg(pg_catalog.concat_ws(' ', username, password), E'\n' ORDER BY username COLLATE pg_catalog."C")), 'UTF8')), 'hex')
  FROM pooler.verifier
$function$;
REVOKE ALL ON FUNCTION pooler.user_lookup(text), pooler.verifiers_fingerprint() FROM PUBLIC;
GRANT USAGE ON SCHEMA pooler TO howdah_pooler, SESSION_USER;
GRANT EXECUTE ON FUNCTION pooler.user_lookup(text) TO howdah_pooler;
GRANT EXECUTE ON FUNCTION pooler.verifiers_fingerprint() TO SESSION_USER;
