DO $do$
DECLARE adopted pg_catalog.name[] := '{}'; other pg_catalog.name;
BEGIN
  IF NOT :foreign THEN

:drop
  END IF;
END
$do$;
