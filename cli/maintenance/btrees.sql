WITH btree AS (
    SELECT i.*, c.relname AS index_name, t.relname AS table_name, n.nspname, c.relowner, c.reltuples, c.relpages,
      coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'), '90')::int
        AS fill_factor
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
    WHERE a.amname = 'btree' AND c.relkind = 'i' AND i.indisvalid AND i.indisready AND NOT i.indisexclusion
      AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND c.reltuples >= 0
  )
  SELECT b.indexrelid::text AS oid, format('%I.%I', b.nspname, b.index_name) AS name,
    pg_has_role(b.relowner, 'USAGE') AS own, pg_get_userbyid(b.relowner) AS owner, (b.relpages::bigint * current_setting('block_size')::int)::text AS bytes, b.reltuples AS rows, b.fill_factor,
    sum((1 - s.null_frac) * s.avg_width)::float8 AS width, bool_or(s.null_frac > 0) AS nullable,
    current_setting('block_size')::int AS page
  FROM btree b JOIN pg_attribute ia ON ia.attrelid = b.indexrelid
    LEFT JOIN pg_attribute ta ON ta.attrelid = b.indrelid AND ta.attnum = b.indkey[ia.attnum - 1]
      AND b.indkey[ia.attnum - 1] <> 0
    LEFT JOIN pg_stats s ON s.schemaname = b.nspname AND NOT s.inherited
      AND (s.tablename, s.attname) = (CASE WHEN ta.attname IS NULL THEN b.index_name ELSE b.table_name END,
        coalesce(ta.attname, ia.attname))
  GROUP BY b.indexrelid, b.nspname, b.index_name, b.relowner, b.reltuples, b.relpages, b.fill_factor
  HAVING count(*) = count(s.avg_width)
