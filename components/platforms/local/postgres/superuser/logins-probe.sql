SELECT coalesce(string_agg(concat(r.rolname, ' ', substr(md5(concat_ws(E'\n', r.rolpassword,
    (SELECT string_agg(concat(d.datname, ' ', c.setting), E'\n' ORDER BY d.datname, c.setting) FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase,
      pg_catalog.unnest(s.setconfig) AS c (setting) WHERE s.setrole = r.oid AND split_part(c.setting, '=', 1) IN (:'managed')),
    (SELECT string_agg(m.roleid::pg_catalog.regrole::text, E'\n' ORDER BY m.roleid) FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid AND m.admin_option),
    CASE WHEN r.rolname IN (:'guests') THEN (SELECT string_agg(c.setting, E'\n' ORDER BY c.setting) FROM pg_catalog.pg_db_role_setting s,
      pg_catalog.unnest(s.setconfig) AS c (setting) WHERE s.setrole = r.oid AND s.setdatabase = 0 AND split_part(c.setting, '=', 1) NOT IN (:'managed')) END,
    :newer)), 1, 12)), ', ' ORDER BY r.rolname), '')
FROM pg_catalog.pg_authid r WHERE r.rolname = ANY (ARRAY[:'logins']::name[])
