SELECT coalesce(pg_catalog.json_agg(DISTINCT pg_catalog.jsonb_build_object('login', r.rolname, 'database', b.datname)), '[]')
FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid
  LEFT JOIN pg_catalog.pg_database b ON b.oid = s.dbid
WHERE :hangs_on AND r.rolname = ANY (ARRAY[:'logins']::pg_catalog.text[])
  AND (b.datname IS NULL OR b.datname <> ALL (ARRAY[:'going']::pg_catalog.text[]))
  AND NOT (s.dbid = 0 AND s.classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND s.objid IN
    (SELECT g.oid FROM pg_catalog.pg_database g WHERE g.datname = ANY (ARRAY[:'going']::pg_catalog.text[])))
