SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', rolname, rolcanlogin, rolsuper, rolinherit,
    rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolconnlimit, rolpassword IS NULL,
    (SELECT pg_catalog.string_agg(setconfig::pg_catalog.text, ',' ORDER BY setdatabase) FROM pg_catalog.pg_db_role_setting WHERE setrole = a.oid),
    (SELECT pg_catalog.string_agg(roleid::pg_catalog.regrole::pg_catalog.text, ',' ORDER BY roleid::pg_catalog.regrole::pg_catalog.text)
      FROM pg_catalog.pg_auth_members WHERE member = a.oid), :newer), E'\n' ORDER BY rolname)
FROM pg_catalog.pg_authid a WHERE rolname IN (:'logins')
