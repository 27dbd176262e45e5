SELECT pg_catalog.json_build_object('closed', NOT datallowconn, 'broken', datconnlimit = -2,
  'settings', (SELECT coalesce(pg_catalog.json_agg(split_part(c.setting, '=', 1)), '[]')
    FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) AS c (setting) WHERE s.setdatabase = d.oid AND s.setrole = 0))
FROM pg_catalog.pg_database d WHERE d.datname = :'database'
