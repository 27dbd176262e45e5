SELECT format('GRANT %s TO :login', what) AS sql FROM (
  SELECT CASE relkind WHEN 'S' THEN format('SELECT, UPDATE ON SEQUENCE %s', oid::regclass)
    ELSE format('SELECT, INSERT ON TABLE %s', oid::regclass) END
  FROM pg_class WHERE oid IN (SELECT unnest(extconfig) FROM pg_extension)
  UNION ALL SELECT format('USAGE ON FOREIGN DATA WRAPPER %I', fdwname) FROM pg_foreign_data_wrapper
) AS needed (what)
