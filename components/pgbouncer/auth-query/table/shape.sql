DO $do$
DECLARE adopted pg_catalog.name[] := '{}'; other pg_catalog.name;
BEGIN
  IF :foreign THEN
    RAISE EXCEPTION 'schema pooler of database % is not howdah''s: rename it, or drop it', pg_catalog.current_database();
  END IF;
  IF (SELECT pg_catalog.obj_description(s.oid, 'pg_namespace') FROM pg_catalog.pg_namespace s WHERE s.nspname = 'pooler') = :'version' || :structure THEN
    RETURN;
  END IF;

:drop

:build
  EXECUTE pg_catalog.format('COMMENT ON SCHEMA pooler IS %L', :'version' || :structure);
  SET LOCAL ROLE NONE;
END
$do$;
GRANT :"owner" TO CURRENT_USER;
SET LOCAL ROLE :"owner";
