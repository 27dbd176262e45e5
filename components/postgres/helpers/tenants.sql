-- Row-level security by tenant. Run it as the database's owner; see docs/row-level-security.md.
BEGIN;
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- For one transaction, so that a pooled connection carries no tenant over to the next client.
CREATE OR REPLACE FUNCTION use_tenant(tenant text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  IF coalesce(tenant, '') = '' THEN
    RAISE EXCEPTION 'the tenant is empty' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM set_config('app.tenant', tenant, true);
END $body$;

-- Only rows of the tenant in app.tenant can be read and written; without a tenant there are none. Also for partitions, which have
-- policies of their own: call it again after one was added.
CREATE OR REPLACE PROCEDURE protect_tenants(target regclass, tenant_column name DEFAULT 'tenant_id')
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  part record;
BEGIN
  FOR part IN
    SELECT n.nspname, c.relname, tn.nspname AS type_schema, t.typname AS type
    FROM (SELECT target AS relid UNION SELECT relid FROM pg_partition_tree(target)) p
    JOIN pg_class c ON c.oid = p.relid AND c.relkind IN ('r', 'p') JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = tenant_column AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_namespace tn ON tn.oid = t.typnamespace
  LOOP
    IF part.type IS NULL THEN
      RAISE EXCEPTION 'table %.% has no column %', part.nspname, part.relname, tenant_column USING ERRCODE = 'undefined_column';
    END IF;
    EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part.nspname, part.relname);
    EXECUTE format('DROP POLICY IF EXISTS tenant ON %I.%I', part.nspname, part.relname);
    -- The setting is cast, and not the column, whose index would be of no use otherwise.
    EXECUTE format(
      'CREATE POLICY tenant ON %1$I.%2$I USING (%3$I = (SELECT nullif(current_setting(%4$L, true), %5$L)::%6$I.%7$I)) '
      'WITH CHECK (%3$I = (SELECT nullif(current_setting(%4$L, true), %5$L)::%6$I.%7$I))',
      part.nspname, part.relname, tenant_column, 'app.tenant', '', part.type_schema, part.type);
  END LOOP;
  IF NOT FOUND THEN
    RAISE EXCEPTION '% is not a table', target USING ERRCODE = 'wrong_object_type';
  END IF;
END $body$;

DO $grants$ BEGIN
  REVOKE ALL ON ROUTINE use_tenant(text), protect_tenants(regclass, name) FROM PUBLIC;
  EXECUTE format('REVOKE ALL ON PROCEDURE protect_tenants(regclass, name) FROM %I', current_database() || '_readwrite');
  EXECUTE format('GRANT EXECUTE ON FUNCTION use_tenant(text) TO %I', current_database() || '_readonly');
END $grants$;
COMMIT;
