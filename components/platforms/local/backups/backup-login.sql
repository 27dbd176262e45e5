DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'login') THEN
    CREATE ROLE :login LOGIN CONNECTION LIMIT 4;
  END IF;
END $$;
:pinned
GRANT CONNECT ON DATABASE postgres TO :login;
GRANT pg_read_all_settings, pg_checkpoint TO :login;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_backup_start(text, boolean) TO :login;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_backup_stop(boolean) TO :login;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_switch_wal() TO :login;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_create_restore_point(text) TO :login;
