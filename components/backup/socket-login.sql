DO $do$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'login') THEN
    CREATE ROLE :login;
  END IF;
END $do$;
ALTER ROLE :login :powerless :attributes;
ALTER ROLE :login RESET ALL;
:pinned
