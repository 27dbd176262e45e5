DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'login') THEN
    CREATE ROLE :name;
  END IF;
END $$;
ALTER ROLE :name LOGIN CREATEROLE CREATEDB NOSUPERUSER NOREPLICATION NOBYPASSRLS CONNECTION LIMIT :limit PASSWORD :'verifier';
:settings
ALTER ROLE :rewind CONNECTION LIMIT 10;
GRANT pg_monitor, pg_read_all_settings, pg_read_all_stats TO :name WITH ADMIN OPTION;
GRANT pg_signal_backend TO :name;
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO :name, :rewind;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
