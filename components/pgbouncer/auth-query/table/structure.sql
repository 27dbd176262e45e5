(SELECT pg_catalog.md5(pg_catalog.concat_ws(E'\n',
  s.nspowner::pg_catalog.regrole, s.nspacl,
  (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', pg_catalog.pg_get_functiondef(f.oid), f.proowner::pg_catalog.regrole, f.proacl),
      ';' ORDER BY f.proname)
    FROM pg_catalog.pg_proc f WHERE f.oid IN (pg_catalog.to_regprocedure('pooler.user_lookup(text)'), pg_catalog.to_regprocedure('pooler.verifiers_fingerprint()'))),
  (SELECT pg_catalog.count(*) FROM pg_catalog.pg_proc f WHERE f.pronamespace = s.oid),
  (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', c.relname, c.relkind, c.relowner::pg_catalog.regrole, c.relacl,
      c.relrowsecurity, c.relforcerowsecurity, c.relhasrules, c.relhastriggers, c.relpersistence), ';' ORDER BY c.relname)
    FROM pg_catalog.pg_class c WHERE c.relnamespace = s.oid),
  (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname, a.atttypid::pg_catalog.regtype, a.attnotnull, a.attacl), ';' ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.to_regclass('pooler.verifier') AND a.attnum > 0),
  o.rolcanlogin, o.rolsuper, o.rolinherit, o.rolcreatedb, o.rolcreaterole, o.rolreplication, o.rolbypassrls,
  (SELECT pg_catalog.string_agg(m.rolname, ',' ORDER BY m.rolname)
    FROM pg_catalog.pg_auth_members r JOIN pg_catalog.pg_roles m ON m.oid = r.member
    WHERE r.roleid = o.oid AND m.rolname <> session_user)))
FROM pg_catalog.pg_namespace s LEFT JOIN pg_catalog.pg_roles o ON o.rolname = :'owner'
WHERE s.nspname = 'pooler')
