DO $do$
DECLARE r record; found record;
BEGIN
  FOR r IN SELECT a.oid, a.rolname, a.rolpassword IS DISTINCT FROM w.value AS changed, w.value AS verifier
      FROM pg_catalog.json_each_text(:'verifiers') w JOIN pg_catalog.pg_authid a ON a.rolname = w.key LOOP
    IF r.changed THEN
      EXECUTE pg_catalog.format('ALTER ROLE %I PASSWORD %L', r.rolname, r.verifier);
    END IF;
    FOR found IN SELECT DISTINCT d.datname, split_part(c.setting, '=', 1) AS setting FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase,
      pg_catalog.unnest(s.setconfig) AS c (setting) WHERE s.setrole = r.oid AND split_part(c.setting, '=', 1) IN (:'managed') LOOP
      EXECUTE pg_catalog.format('ALTER ROLE %I IN DATABASE %I RESET %I', r.rolname, found.datname, found.setting);
    END LOOP;
    FOR found IN SELECT m.roleid::pg_catalog.regrole AS held, m.grantor::pg_catalog.regrole AS grantor FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid AND m.admin_option LOOP
      EXECUTE pg_catalog.format('REVOKE ADMIN OPTION FOR %s FROM %I GRANTED BY %s', found.held, r.rolname, found.grantor);
    END LOOP;
  END LOOP;
END
$do$;
