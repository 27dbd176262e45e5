-- The extension's script runs with our rights and calls what is in its schema: nothing there may be another role's.
DO $check$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = :'extension') THEN RETURN; END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = :'first') THEN
    RAISE EXCEPTION 'schema % is not there', :'first';
  END IF;
  IF EXISTS (
    SELECT FROM pg_catalog.pg_namespace n
      CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) AS a
    WHERE n.nspname = :'first' AND EXISTS (
      SELECT FROM pg_catalog.unnest(ARRAY[n.nspowner, CASE a.privilege_type WHEN 'CREATE' THEN a.grantee END]) AS maker (role)
      WHERE maker.role IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_roles r WHERE r.oid = maker.role AND (r.rolsuper OR r.rolname = :'administrator'))))
  THEN
    RAISE EXCEPTION 'other roles than the administrator may create objects in schema %, which the script of extension % would call as a superuser',
      :'first', :'extension';
  END IF;
  IF :'first' <> 'pg_catalog' AND EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.deptype = 'n'
      AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = :'first')
      AND d.classid <> 'pg_catalog.pg_extension'::pg_catalog.regclass
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
        WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype IN ('e', 'i', 'a')))
  THEN
    RAISE EXCEPTION 'schema % has objects that belong to no extension, which the script of extension % would call as a superuser',
      :'first', :'extension';
  END IF;
END
$check$;
