-- Runs no code: the objects get another schema.
DO $move$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = :'extension' AND n.nspname <> :'schema')
  THEN
    ALTER EXTENSION :"extension" SET SCHEMA :"schema";
  END IF;
END
$move$;
