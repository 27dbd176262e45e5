-- A table of changes that is only ever added to. Run it as the database's owner; see docs/row-level-security.md.
BEGIN;
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

CREATE TABLE IF NOT EXISTS audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  login name NOT NULL,
  application text NOT NULL,
  transaction xid8 NOT NULL,
  on_table text NOT NULL,
  operation text NOT NULL,
  old_row jsonb,
  new_row jsonb
);
CREATE INDEX IF NOT EXISTS audit_log_at ON audit_log USING brin (at);

-- With the owner's rights: the logins whose changes it records may not write to the table themselves.
CREATE OR REPLACE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $body$
BEGIN
  INSERT INTO audit_log (login, application, transaction, on_table, operation, old_row, new_row) VALUES (
    session_user, current_setting('application_name'), pg_current_xact_id(), format('%I.%I', tg_table_schema, tg_table_name), tg_op,
    CASE WHEN tg_op IN ('UPDATE', 'DELETE') THEN to_jsonb(old) END, CASE WHEN tg_op IN ('INSERT', 'UPDATE') THEN to_jsonb(new) END);
  RETURN NULL;
END $body$;

-- How long rows stay, at least; forever as long as it is empty.
CREATE TABLE IF NOT EXISTS audit_retention (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  age interval NOT NULL CHECK (age >= interval '1 day')
);

-- Also for the owner, whom privileges do not stop: what is recorded stays as it is until it is older than the retention.
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
BEGIN
  IF tg_op = 'DELETE' THEN
    IF old.at < now() - (SELECT age FROM audit_retention) THEN
      RETURN old;
    END IF;
  END IF;
  RAISE EXCEPTION '% on the audit log is refused: it is only ever added to', tg_op USING ERRCODE = 'insufficient_privilege';
END $body$;
CREATE OR REPLACE TRIGGER refuse BEFORE UPDATE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE OR REPLACE TRIGGER refuse_young BEFORE DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_refuse();

-- Records the changes of a table from now on.
CREATE OR REPLACE PROCEDURE audit_table(target regclass) LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
  of_table record;
  home CONSTANT name := (SELECT n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.oid = 'audit_change()'::regprocedure);
BEGIN
  SELECT n.nspname, c.relname INTO STRICT of_table FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target;
  EXECUTE format('CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON %I.%I FOR EACH ROW EXECUTE FUNCTION %I.audit_change()',
    of_table.nspname, of_table.relname, home);
  EXECUTE format('CREATE OR REPLACE TRIGGER audit_truncate AFTER TRUNCATE ON %I.%I FOR EACH STATEMENT EXECUTE FUNCTION %I.audit_change()',
    of_table.nspname, of_table.relname, home);
END $body$;

-- Sets the retention; the log records each change of it.
CREATE OR REPLACE PROCEDURE keep_audit(age interval) LANGUAGE sql SET search_path FROM CURRENT AS $body$
  INSERT INTO audit_retention (age) VALUES (age) ON CONFLICT (one) DO UPDATE SET age = excluded.age;
$body$;

-- Deletes the oldest rows beyond the retention, one batch per call, and returns their number. With the owner's rights: a login that may
-- do nothing else with the log can be granted it.
DROP FUNCTION IF EXISTS expire_audit(interval, int);
CREATE OR REPLACE FUNCTION expire_audit(batch int DEFAULT 10000) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $body$
DECLARE
  retention CONSTANT interval := (SELECT age FROM audit_retention);
  deleted bigint;
BEGIN
  IF retention IS NULL THEN
    RAISE EXCEPTION 'the audit log has no retention' USING HINT = 'Set one as its owner, such as CALL keep_audit(''1 year'').';
  END IF;
  DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE at < now() - retention ORDER BY id LIMIT batch);
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END $body$;

DO $grants$
DECLARE
  writers CONSTANT name := current_database() || '_readwrite';
BEGIN
  EXECUTE format('REVOKE ALL ON audit_log, audit_retention FROM PUBLIC, %I, %I', current_database() || '_readonly', writers);
  EXECUTE format('REVOKE ALL ON SEQUENCE audit_log_id_seq FROM PUBLIC, %I, %I', current_database() || '_readonly', writers);
  EXECUTE format('REVOKE ALL ON FUNCTION audit_change(), audit_refuse(), expire_audit(int) FROM PUBLIC, %I', writers);
  EXECUTE format('REVOKE ALL ON PROCEDURE audit_table(regclass), keep_audit(interval) FROM PUBLIC, %I', writers);
END $grants$;

CALL audit_table('audit_retention');
COMMIT;
