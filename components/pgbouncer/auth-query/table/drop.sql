FOR other IN SELECT r.rolname FROM pg_catalog.pg_roles r WHERE NOT pg_catalog.pg_has_role(r.oid, 'USAGE') AND (
    r.rolname = :'owner'
    OR r.oid IN (SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'pooler')
    OR r.oid IN (SELECT relowner FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass('pooler.verifier'))
    OR r.oid IN (SELECT proowner FROM pg_catalog.pg_proc
      WHERE oid IN (pg_catalog.to_regprocedure('pooler.user_lookup(text)'), pg_catalog.to_regprocedure('pooler.verifiers_fingerprint()')))) LOOP
  EXECUTE pg_catalog.format('GRANT %I TO CURRENT_USER', other);
  adopted := pg_catalog.array_append(adopted, other);
END LOOP;
DROP FUNCTION IF EXISTS pooler.user_lookup(text), pooler.verifiers_fingerprint();
DROP TABLE IF EXISTS pooler.verifier;
DROP SCHEMA IF EXISTS pooler;
IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'owner') THEN
  DROP OWNED BY :"owner";
  DROP ROLE :"owner";
END IF;
FOREACH other IN ARRAY adopted LOOP
  IF other <> :'owner' THEN
    EXECUTE pg_catalog.format('REVOKE %I FROM CURRENT_USER', other);
  END IF;
END LOOP;
