SELECT a.rolname AS role, a.rolpassword AS verifier, concat_ws(' ',
  CASE WHEN a.rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END,
  CASE WHEN a.rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END,
  CASE WHEN a.rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END,
  CASE WHEN a.rolreplication THEN 'REPLICATION' ELSE 'NOREPLICATION' END,
  CASE WHEN a.rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END,
  CASE WHEN a.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END) AS attributes
FROM pg_authid a WHERE a.rolname !~ '^pg_'
