import type { Client } from "pg";
import { inSession, type SocketServer, userOf } from "../sql";

/** Of a role, what it may do in the whole cluster. */
interface Role {
  readonly role: string;
  /** SCRAM verifier. */
  readonly verifier: string | null;
  /** Words of ALTER ROLE, for or against each attribute. */
  readonly attributes: string;
  /** Predefined roles that it is a member of, such as `pg_execute_server_program`. */
  readonly predefined: readonly string[];
}

/** A setting that sessions of a role, in a database or everywhere, begin with. */
interface SessionSetting {
  /** How ALTER names whose sessions these are: `ROLE app IN DATABASE app`. */
  readonly whose: string;
  readonly name: string;
  readonly value: string;
  /** One that only a superuser can set, or that a superuser's sessions begin with. */
  readonly isPrivileged: boolean;
}

/** Who may do what in a cluster, beside the grants on its objects. */
export interface Roles {
  readonly roles: readonly Role[];
  readonly settings: readonly SessionSetting[];
}

const attribute = (column: string, word: string): string => `CASE WHEN ${column} THEN '${word}' ELSE 'NO${word}' END`;

const roleSql = `SELECT a.rolname AS role, a.rolpassword AS verifier, concat_ws(' ',
  ${attribute("a.rolsuper", "SUPERUSER")}, ${attribute("a.rolcreaterole", "CREATEROLE")}, ${attribute("a.rolcreatedb", "CREATEDB")},
  ${attribute("a.rolreplication", "REPLICATION")}, ${attribute("a.rolbypassrls", "BYPASSRLS")}, ${attribute("a.rolcanlogin", "LOGIN")}) AS attributes,
  ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_authid g ON g.oid = m.roleid
    WHERE m.member = a.oid AND g.oid < 16384 AND g.rolname ~ '^pg_') AS predefined
FROM pg_authid a WHERE a.rolname !~ '^pg_'`;

const settingSql = `SELECT concat_ws(' IN ', CASE
    WHEN s.setrole <> 0 THEN format('ROLE %I', r.rolname) WHEN s.setdatabase = 0 THEN 'ROLE ALL' END,
    CASE WHEN s.setdatabase <> 0 THEN format('DATABASE %I', d.datname) END) AS whose,
  split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value,
  coalesce(r.rolsuper, false) OR coalesce(p.context ~ 'superuser', true) AS "isPrivileged"
FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c
LEFT JOIN pg_authid r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
LEFT JOIN pg_settings p ON p.name = split_part(c, '=', 1)`;

const look = async (client: Client): Promise<Roles> => ({
  roles: (await client.query<Role>(roleSql)).rows,
  settings: (await client.query<SessionSetting>(settingSql)).rows,
});

/** What the roles of a cluster may do today. */
export const readRoles = (server: SocketServer): Promise<Roles> => inSession(server, look);

/** What a role gets that is not there today: it keeps what it owns, and nobody can be it. */
const powerless = "NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS NOLOGIN PASSWORD NULL";

/** SQL that gives one role of a restored cluster the rights of today. */
function roleStatements(found: Role, today: Role | undefined, client: Client): string[] {
  const name = client.escapeIdentifier(found.role);
  const verifier = today?.verifier ?? undefined;
  const password = verifier === undefined ? "" : ` PASSWORD ${client.escapeLiteral(verifier)}`;
  const alter = today === undefined ? powerless : `${today.attributes}${password}`;
  const superfluous = found.predefined.filter((group) => today?.predefined.includes(group) !== true);
  return [
    `ALTER ROLE ${name} ${alter}`,
    ...superfluous.map((group) => `REVOKE ${client.escapeIdentifier(group)} FROM ${name}`),
  ];
}

/** SQL that takes back what a superuser's sessions, or anybody's with a superuser's setting, would begin with. */
const settingStatements = (
  found: readonly SessionSetting[],
  today: readonly SessionSetting[],
  client: Client,
): string[] =>
  found
    .filter(({ isPrivileged }) => isPrivileged)
    .filter(
      (one) =>
        !today.some((other) => one.whose === other.whose && one.name === other.name && one.value === other.value),
    )
    .map(({ whose, name }) => `ALTER ${whose} RESET ${client.escapeIdentifier(name)}`);

/**
 * Has a restored cluster obey the roles of today: passwords and attributes are today's, as the pooler, Patroni and the
 * applications have those. Otherwise a backup would bring back a login that was taken away since, or superusers of its own.
 * @returns logins that are not there today and came back without the right to log in
 */
export const keepRoles = (restored: SocketServer, today: Roles): Promise<string[]> =>
  inSession(restored, async (client) => {
    const found = await look(client);
    const byName = new Map(today.roles.map((one) => [one.role, one]));
    // The one who works here is a superuser on both sides, and must not fall on the way.
    const others = found.roles.filter(({ role }) => role !== userOf(restored));
    const statements = [
      ...others.flatMap((one) => roleStatements(one, byName.get(one.role), client)),
      ...settingStatements(found.settings, today.settings, client),
    ];
    await client.query("BEGIN");
    for (const statement of statements) await client.query(statement);
    await client.query("COMMIT");
    return others
      .filter(({ role, attributes }) => !byName.has(role) && / LOGIN$/.test(attributes))
      .map(({ role }) => role);
  });
