SELECT concat_ws(' ', rolcanlogin, rolcreaterole, rolcreatedb, rolsuper, rolreplication, rolbypassrls, rolconnlimit, md5(rolpassword),
  (SELECT string_agg(roleid::pg_catalog.regrole::text, ',' ORDER BY roleid) FROM pg_catalog.pg_auth_members
   WHERE member = pg_authid.oid AND roleid < 16384),
  (SELECT string_agg(setting, ',' ORDER BY setting) FROM pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) AS c (setting)
   WHERE setrole = pg_authid.oid AND setdatabase = 0),
  :newer,
  (SELECT rolconnlimit FROM pg_catalog.pg_authid WHERE rolname = :'rewind'),
  (SELECT string_agg(concat_ws(' ', datname, grantee, privilege_type), ',' ORDER BY datname, grantee, privilege_type)
   FROM pg_catalog.pg_database, pg_catalog.aclexplode(coalesce(datacl, pg_catalog.acldefault('d', datdba)))
   WHERE datname IN ('postgres', 'template1') AND grantee IN (0, pg_authid.oid)))
FROM pg_catalog.pg_authid WHERE rolname = :'login'
