/** Predefined roles that open a way out of a database. */
const powers = ["pg_execute_server_program", "pg_read_server_files", "pg_write_server_files", "pg_read_all_data"];

/**
 * SQL that is true for a role with rights beyond a database: a superuser, one that makes roles (and up to PostgreSQL 15 grants
 * itself any but a superuser's), replicates or bypasses row security, one of PostgreSQL's or howdah's own, and every member, direct
 * or not, of a superuser, of a role that makes roles, or of a predefined one that opens a way out.
 * @param role alias of `pg_roles` in the query
 */
export const isPowerful = (role: string): string =>
  `(${["rolsuper", "rolcreaterole", "rolreplication", "rolbypassrls"].map((column) => `${role}.${column}`).join(" OR ")}
  OR ${role}.rolname ~ '^(pg|howdah)_' OR EXISTS (SELECT FROM pg_roles power
    WHERE (power.rolname IN (${powers.map((power) => `'${power}'`).join(", ")}) OR power.rolsuper OR power.rolcreaterole)
      AND pg_has_role(${role}.oid, power.oid, 'MEMBER')))`;
