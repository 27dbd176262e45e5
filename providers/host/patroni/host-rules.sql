SELECT pg_catalog.format('pg_hba.conf, line %s: %s', line_number, error)
FROM pg_catalog.pg_hba_file_rules WHERE error IS NOT NULL;
SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 150000 AS shows_mappings \gset
\if :shows_mappings
SELECT pg_catalog.format('pg_ident.conf, line %s: %s', line_number, error)
FROM pg_catalog.pg_ident_file_mappings WHERE error IS NOT NULL;
\endif
