SELECT concat_ws(' ',
  pg_catalog.has_database_privilege(:'login', current_database(), 'CONNECT'),
  pg_catalog.has_function_privilege(:'login', 'pg_catalog.pg_show_all_file_settings()', 'EXECUTE'),
  pg_catalog.has_function_privilege(:'login', 'pg_catalog.pg_hba_file_rules()', 'EXECUTE'),
  (SELECT string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
   WHERE a.attrelid = 'pg_catalog.pg_statistic'::pg_catalog.regclass AND a.attnum > 0
     AND pg_catalog.has_column_privilege(:'login', a.attrelid, a.attnum, 'SELECT')),
  (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
   WHERE c.relowner = (SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
     AND NOT pg_catalog.has_sequence_privilege(:'login', s.seqrelid, 'SELECT')))
