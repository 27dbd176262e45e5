SELECT concat_ws(' ',
  pg_catalog.has_database_privilege(:'login', current_database(), 'CONNECT'),
  pg_catalog.has_function_privilege(:'login', 'pg_catalog.pg_show_all_file_settings()', 'EXECUTE'),
  pg_catalog.has_function_privilege(:'login', 'pg_catalog.pg_hba_file_rules()', 'EXECUTE'),
  (SELECT string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
   WHERE a.attrelid = 'pg_catalog.pg_statistic'::pg_catalog.regclass AND a.attnum > 0
     AND pg_catalog.has_column_privilege(:'login', a.attrelid, a.attnum, 'SELECT')))
