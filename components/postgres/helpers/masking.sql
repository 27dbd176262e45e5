-- Views that mask columns by the kind in their comments, such as `pii:email`. Run it as the database's owner; see
-- docs/row-level-security.md.
BEGIN;
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Without it, a hash of a guessed value would tell whether the guess is right. Readers of a view need no access to it.
CREATE TABLE IF NOT EXISTS mask_salt (one boolean PRIMARY KEY DEFAULT true CHECK (one), salt text NOT NULL);
INSERT INTO mask_salt (salt) VALUES (gen_random_uuid()::text || gen_random_uuid()::text) ON CONFLICT DO NOTHING;

-- An expression for a column; of built-in functions alone, because readers of a view need EXECUTE on what it calls.
CREATE OR REPLACE FUNCTION mask_expression(column_name name, kind text, home name) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  RETURN CASE kind
    WHEN 'email' THEN format('left(%1$I::text, 1) || ''***'' || coalesce(''@'' || substring(%1$I::text FROM ''@([^@]*)$''), '''')', column_name)
    WHEN 'phone' THEN format('CASE WHEN length(%1$I::text) > 5 THEN ''***'' || right(%1$I::text, 2) WHEN %1$I IS NOT NULL THEN ''***'' END', column_name)
    WHEN 'name' THEN format('left(%I::text, 1) || ''***''', column_name)
    WHEN 'hash' THEN format('encode(sha256(convert_to((SELECT salt FROM %I.mask_salt) || %I::text, ''UTF8'')), ''hex'')', home, column_name)
  END;
END $body$;

-- Makes or replaces the view, which the read-only group may read instead of the table. Columns that are added to the table later are
-- not in it. Rows of which `hidden` (a boolean column) is true or null are left out.
CREATE OR REPLACE PROCEDURE mask_table(source regclass, view_name name, hidden name DEFAULT NULL)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $body$
DECLARE
  home CONSTANT name := (SELECT n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.oid = 'mask_expression(name, text, name)'::regprocedure);
  readers CONSTANT name := current_database() || '_readonly';
  writers CONSTANT name := current_database() || '_readwrite';
  of_table record;
  tagged record;
  expressions text[] := '{}';
  filter text := '';
BEGIN
  SELECT n.nspname, c.relname INTO STRICT of_table FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = source;
  FOR tagged IN
    SELECT a.attname, substring(col_description(source, a.attnum) FROM '\mpii:(\w*)') AS kind FROM pg_attribute a
    WHERE a.attrelid = source AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
  LOOP
    IF tagged.kind IS NULL THEN
      expressions := expressions || format('%I', tagged.attname);
    ELSIF mask_expression(tagged.attname, tagged.kind, home) IS NULL THEN
      RAISE EXCEPTION 'column % has the unknown kind pii:%', tagged.attname, tagged.kind
        USING HINT = 'Known kinds are email, phone, name and hash.', ERRCODE = 'invalid_parameter_value';
    ELSE
      expressions := expressions || format('%s AS %I', mask_expression(tagged.attname, tagged.kind, home), tagged.attname);
    END IF;
  END LOOP;
  IF hidden IS NOT NULL THEN
    filter := format(' WHERE %I IS NOT DISTINCT FROM false', hidden);
  END IF;
  EXECUTE format('CREATE OR REPLACE VIEW %I.%I WITH (security_barrier) AS SELECT %s FROM %I.%I%s',
    of_table.nspname, view_name, array_to_string(expressions, ', '), of_table.nspname, of_table.relname, filter);
  -- The read-write group has its right to read from the read-only group.
  EXECUTE format('GRANT SELECT ON %I.%I TO %I', of_table.nspname, of_table.relname, writers);
  EXECUTE format('REVOKE ALL ON %I.%I FROM %I', of_table.nspname, of_table.relname, readers);
  EXECUTE format('REVOKE ALL ON %I.%I FROM PUBLIC, %I', of_table.nspname, view_name, writers);
  EXECUTE format('GRANT SELECT ON %I.%I TO %I', of_table.nspname, view_name, readers);
END $body$;

DO $grants$
DECLARE
  writers CONSTANT name := current_database() || '_readwrite';
BEGIN
  EXECUTE format('REVOKE ALL ON mask_salt FROM %I, %I', current_database() || '_readonly', writers);
  EXECUTE format('REVOKE ALL ON FUNCTION mask_expression(name, text, name) FROM PUBLIC, %I', writers);
  EXECUTE format('REVOKE ALL ON PROCEDURE mask_table(regclass, name, name) FROM PUBLIC, %I', writers);
END $grants$;
COMMIT;
