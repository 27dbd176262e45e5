GRANT SELECT (starelid, staattnum, stainherit, stanullfrac, stawidth) ON pg_catalog.pg_statistic TO :"login";
-- Default privileges give it those that are made later.
DO $do$
DECLARE sequence pg_catalog.oid;
BEGIN
  FOR sequence IN SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
      WHERE c.relowner = (SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
        AND NOT pg_catalog.has_sequence_privilege(:'login', s.seqrelid, 'SELECT') LOOP
    EXECUTE pg_catalog.format('GRANT SELECT ON SEQUENCE %s TO %I', sequence::pg_catalog.regclass, :'login');
  END LOOP;
END
$do$;
