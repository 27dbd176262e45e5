SELECT format('%I.%I', n.nspname, c.relname) AS name,
    pg_has_role(c.relowner, 'USAGE') OR (pg_has_role(d.datdba, 'USAGE') AND NOT c.relisshared) AS own,
    pg_get_userbyid(c.relowner) AS owner,
    (c.relpages::bigint * current_setting('block_size')::int)::text AS bytes, c.reltuples AS rows, coalesce(s.n_dead_tup, 0)::text AS dead,
    coalesce(s.n_ins_since_vacuum, 0)::text AS inserted, coalesce(s.n_mod_since_analyze, 0)::text AS changed,
    age(c.relfrozenxid) AS age, current_setting('autovacuum_freeze_max_age')::int AS largest
  FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_database d ON d.datname = current_database()
    LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_(toast|temp)'
  ORDER BY age DESC, coalesce(s.n_dead_tup, 0) DESC
