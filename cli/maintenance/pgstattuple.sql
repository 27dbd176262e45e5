SELECT format('%I.pgstatindex', n.nspname) AS name FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pgstattuple'
  WHERE n.nspowner IN (SELECT oid FROM pg_roles WHERE rolsuper) AND p.proname = 'pgstatindex' AND p.proargtypes = ARRAY['regclass'::regtype]::oidvector
    AND has_function_privilege(p.oid, 'EXECUTE') AND has_schema_privilege(n.oid, 'USAGE')
