SELECT coalesce(pg_catalog.json_agg(what ORDER BY what), '[]') FROM (
  SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS what
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_namespace n ON n.oid = d.refobjid
  WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.deptype = 'n' AND :scope
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid
      AND (e.deptype = 'e' OR (e.deptype IN ('a', 'i') AND e.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)))
    AND NOT (d.classid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.objid IN
      (SELECT x.oid FROM pg_catalog.pg_extension x WHERE x.extname = ANY (ARRAY[:'made']::pg_catalog.text[])))
  :more
) AS found
