GRANT CONNECT ON DATABASE postgres TO :"login";
GRANT EXECUTE ON FUNCTION pg_catalog.pg_show_all_file_settings(), pg_catalog.pg_hba_file_rules() TO :"login";
