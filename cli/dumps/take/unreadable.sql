-- has_largeobject_privilege came with PostgreSQL 18.
SELECT what, owner, count(*) OVER ()::int AS total FROM (
  SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || format('%I.%I', n.nspname, c.relname) AS what,
    pg_get_userbyid(c.relowner) AS owner
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL ($1) AND NOT (has_schema_privilege(n.oid, 'USAGE') AND
      CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT') ELSE has_table_privilege(c.oid, 'SELECT') END)
  UNION ALL
  SELECT format('rows of table %I.%I that its policies hide', n.nspname, c.relname), pg_get_userbyid(c.relowner)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND row_security_active(c.oid)
  UNION ALL
  SELECT 'large object ' || oid, pg_get_userbyid(lomowner) FROM pg_largeobject_metadata
  WHERE current_setting('lo_compat_privileges') = 'off' AND NOT pg_has_role(lomowner, 'USAGE') AND NOT EXISTS (
    SELECT FROM aclexplode(lomacl) a WHERE a.privilege_type = 'SELECT'
      AND (a.grantee = 0 OR pg_has_role(nullif(a.grantee, 0), 'USAGE')))
) AS found (what, owner) ORDER BY what LIMIT $2
