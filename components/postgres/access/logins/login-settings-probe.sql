SELECT concat(string_agg(
    concat_ws(' ', rolname, setdatabase, setting), ',' ORDER BY rolname, setdatabase, setting), :newer)
  FROM pg_catalog.pg_db_role_setting JOIN pg_catalog.pg_roles ON pg_roles.oid = setrole, pg_catalog.unnest(setconfig) AS c (setting)
  WHERE rolname = ANY (ARRAY[:'logins']::name[]) AND NOT (rolname = ANY (ARRAY[:'except']::name[])
    AND split_part(setting, '=', 1) IN (:'provided'))
