SELECT concat_ws(' IN ', CASE
    WHEN s.setrole <> 0 THEN format('ROLE %I', r.rolname) WHEN s.setdatabase = 0 THEN 'ROLE ALL' END,
    CASE WHEN s.setdatabase <> 0 THEN format('DATABASE %I', d.datname) END) AS whose,
  split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value,
  coalesce(r.rolsuper, false) OR coalesce(p.context ~ 'superuser', true) AS "isPrivileged"
FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c
LEFT JOIN pg_authid r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
LEFT JOIN pg_settings p ON p.name = split_part(c, '=', 1)
