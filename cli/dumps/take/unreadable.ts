import { type DatabaseServer, inSession } from "../../session/sql";

/** Objects named in a message; more are counted. */
const shown = 5;

// has_largeobject_privilege came with PostgreSQL 18.
const statement = `SELECT what, owner, count(*) OVER ()::int AS total FROM (
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || format('%I.%I', n.nspname, c.relname) AS what,
      pg_get_userbyid(c.relowner) AS owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND n.nspname <> ALL ($1) AND NOT (has_schema_privilege(n.oid, 'USAGE') AND
        CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT') ELSE has_table_privilege(c.oid, 'SELECT') END)
    UNION ALL
    SELECT format('rows of table %I.%I that its policies hide', n.nspname, c.relname), pg_get_userbyid(c.relowner)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND row_security_active(c.oid)
    UNION ALL
    SELECT 'large object ' || oid, pg_get_userbyid(lomowner) FROM pg_largeobject_metadata
    WHERE current_setting('lo_compat_privileges') = 'off' AND NOT pg_has_role(lomowner, 'USAGE') AND NOT EXISTS (
      SELECT FROM aclexplode(lomacl) a WHERE a.privilege_type = 'SELECT'
        AND (a.grantee = 0 OR pg_has_role(nullif(a.grantee, 0), 'USAGE')))
  ) AS found (what, owner) ORDER BY what LIMIT ${shown}`;

/**
 * Whose objects a login cannot read, for a reader: `large object 4711 of app_owner`; empty if it reads everything.
 * @param exceptSchemas schemas that it need not read
 */
export async function describeUnreadable(
  server: DatabaseServer,
  database: string,
  exceptSchemas: readonly string[],
): Promise<string> {
  const { rows } = await inSession(
    server,
    (client) => client.query<{ what: string; owner: string; total: number }>(statement, [exceptSchemas]),
    database,
  );
  const named = rows.map(({ what, owner }) => `${what} of ${owner}`);
  const more = (rows[0]?.total ?? 0) - rows.length;
  return `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
