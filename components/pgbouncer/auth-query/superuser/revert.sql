BEGIN;
DROP FUNCTION IF EXISTS pooler.user_lookup(text);
DROP SCHEMA IF EXISTS pooler;
DO $do$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'howdah_pooler_lookup') THEN
    REVOKE ALL ON pg_catalog.pg_authid FROM howdah_pooler_lookup;
    -- A block of its own: where the role is still needed, only the DROP is rolled back.
    BEGIN
      DROP ROLE howdah_pooler_lookup;
    EXCEPTION WHEN dependent_objects_still_exist THEN
      NULL;
    END;
  END IF;
END
$do$;
COMMIT;
