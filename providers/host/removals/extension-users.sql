WITH RECURSIVE parts (classid, objid) AS (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e' AND e.extname = :'extension'
  -- What PostgreSQL makes along with them, such as the array type of a type.
  UNION SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN parts p ON d.refclassid = p.classid AND d.refobjid = p.objid
  WHERE d.deptype IN ('a', 'i')
)
SELECT coalesce(pg_catalog.json_agg(DISTINCT what ORDER BY what), '[]') FROM (
  SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS what
  FROM pg_catalog.pg_depend d JOIN parts p ON d.refclassid = p.classid AND d.refobjid = p.objid
  WHERE d.deptype = 'n' AND NOT EXISTS (SELECT FROM parts q WHERE q.classid = d.classid AND q.objid = d.objid)
  UNION ALL SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, c.oid, 0)
  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_class c ON c.oid = ANY (e.extconfig)
  WHERE e.extname = :'extension' AND c.relkind = 'r'
) AS found
