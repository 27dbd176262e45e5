SELECT coalesce((
  SELECT pg_catalog.md5(pg_catalog.concat_ws(E'\n',
    pg_catalog.pg_get_functiondef(f.oid), f.proowner::pg_catalog.regrole, f.proacl,
    s.nspowner::pg_catalog.regrole, s.nspacl,
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', r.privilege_type, r.is_grantable), ',' ORDER BY r.privilege_type)
      FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) r
      WHERE c.oid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND r.grantee = o.oid),
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname, r.privilege_type, r.is_grantable), ','
        ORDER BY a.attnum, r.privilege_type)
      FROM pg_catalog.pg_attribute a, pg_catalog.aclexplode(a.attacl) r
      WHERE a.attrelid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND r.grantee = o.oid),
    o.rolcanlogin, o.rolsuper, o.rolinherit, o.rolcreatedb, o.rolcreaterole, o.rolreplication, o.rolbypassrls,
    (SELECT pg_catalog.string_agg(member::pg_catalog.regrole::pg_catalog.text, ',' ORDER BY member)
      FROM pg_catalog.pg_auth_members WHERE roleid = o.oid)))
  FROM pg_catalog.pg_proc f
  JOIN pg_catalog.pg_namespace s ON s.oid = f.pronamespace
  LEFT JOIN pg_catalog.pg_roles o ON o.rolname = 'howdah_pooler_lookup'
  WHERE f.oid = pg_catalog.to_regprocedure('pooler.user_lookup(text)')
), 'absent')
