import { guestSettings, knownNewer, pinSettings } from "../../../postgres/access/login-settings";
import { scramVerifier } from "../../../postgres/access/scram";
import { systemLogins } from "./patroni";

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The role that `Access` logs in as. */
export interface AdministratorRole {
  readonly name: string;
  readonly connectionLimit: number;
}

/**
 * SQL that makes the role of `Access`: it may create roles and databases and is no superuser; it may end the
 * sessions that stand in the way of DROP DATABASE. Its settings are its own: with the search path
 * that a database's owner sets it could run his operators. PUBLIC loses what it has on
 * the databases that initdb made; pg_rewind still connects to one. The password goes in as its SCRAM verifier: the server logs DDL.
 */
export function administratorScript(
  { name, connectionLimit }: AdministratorRole,
  { password, salt }: { readonly password: string; readonly salt: string },
): { apply: string; probe: string } {
  const apply = `
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${literal(name)}) THEN
    CREATE ROLE ${name};
  END IF;
END $$;
ALTER ROLE ${name} LOGIN CREATEROLE CREATEDB NOSUPERUSER NOREPLICATION NOBYPASSRLS CONNECTION LIMIT ${connectionLimit} PASSWORD ${literal(scramVerifier(password, salt))};
${pinSettings(name, guestSettings)}GRANT pg_monitor, pg_read_all_settings, pg_read_all_stats TO ${name} WITH ADMIN OPTION;
GRANT pg_signal_backend TO ${name};
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO ${name}, ${systemLogins.rewind};
REVOKE ALL ON SCHEMA public FROM PUBLIC;
`;
  // Of the ACLs, only what this script sets: others grant on the same databases.
  const probe = `SELECT concat_ws(' ', rolcanlogin, rolcreaterole, rolcreatedb, rolsuper, rolreplication, rolbypassrls, rolconnlimit, md5(rolpassword),
  (SELECT string_agg(roleid::pg_catalog.regrole::text, ',' ORDER BY roleid) FROM pg_catalog.pg_auth_members
   WHERE member = pg_authid.oid AND roleid < 16384),
  (SELECT string_agg(setting, ',' ORDER BY setting) FROM pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) AS c (setting)
   WHERE setrole = pg_authid.oid AND setdatabase = 0), ${knownNewer},
  (SELECT string_agg(concat_ws(' ', datname, grantee, privilege_type), ',' ORDER BY datname, grantee, privilege_type)
   FROM pg_catalog.pg_database, pg_catalog.aclexplode(coalesce(datacl, pg_catalog.acldefault('d', datdba)))
   WHERE datname IN ('postgres', 'template1') AND grantee IN (0, pg_authid.oid)))
FROM pg_catalog.pg_authid WHERE rolname = ${literal(name)}`;
  return { apply, probe };
}
