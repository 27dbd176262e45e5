SELECT coalesce(pg_catalog.json_agg(DISTINCT CASE s.deptype WHEN 'o' THEN 'owner of ' WHEN 'a' THEN 'privileges for ' ELSE 'target of ' END
  || pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid) || :'place'), '[]')
FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid
WHERE :hangs_on AND r.rolname = :'login'
  AND s.dbid = :own
