import type { Client } from "pg";
import { inSession, type SocketServer, userOf } from "../../session/sql";
import { identifier, literal } from "../../../lib/sql/quote";
import { textFile } from "../../../lib/text/text-file";

/** Of a role, what it may do in the whole cluster. */
interface Role {
  readonly role: string;
  /** SCRAM verifier. */
  readonly verifier: string | null;
  /** Words of ALTER ROLE, for or against each attribute. */
  readonly attributes: string;
}

/** One grant of a role to another: its member may do what the group may. */
interface Membership {
  readonly group: string;
  readonly member: string;
  /** Its grantor; null up to PostgreSQL 15, if a member has one grant at most, from any grantor. */
  readonly grantor: string | null;
  /** `ADMIN`, and from PostgreSQL 16 on `INHERIT` and `SET`. */
  readonly options: readonly string[];
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

/** Role attributes and memberships of a cluster; grants on objects are separate. */
export interface Roles {
  readonly roles: readonly Role[];
  readonly memberships: readonly Membership[];
  readonly settings: readonly SessionSetting[];
}

const roleSql = textFile(__dirname, "roles.sql");

const membershipSql = textFile(__dirname, "memberships.sql");

const settingSql = textFile(__dirname, "settings.sql");

const queryRoles = async (client: Client): Promise<Roles> => ({
  roles: (await client.query<Role>(roleSql)).rows,
  memberships: (await client.query<Membership>(membershipSql)).rows,
  settings: (await client.query<SessionSetting>(settingSql)).rows,
});

/** What the roles of a cluster may do today. */
export const readRoles = (server: SocketServer): Promise<Roles> => inSession(server, queryRoles);

/** What a role gets that is not there today: it keeps what it owns, and no login can act as it. */
const powerless = "NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS NOLOGIN PASSWORD NULL";

/** SQL that gives one role of a restored cluster the password and the attributes of today. */
function roleStatement(found: Role, today: Role | undefined): string {
  const verifier = today?.verifier ?? undefined;
  const password = verifier === undefined ? "" : ` PASSWORD ${literal(verifier)}`;
  const alter = today === undefined ? powerless : `${today.attributes}${password}`;
  return `ALTER ROLE ${identifier(found.role)} ${alter}`;
}

/** SQL that takes back a grant that is not there today, or those of its options that are not. */
function membershipStatements(found: Membership, today: readonly Membership[]): string[] {
  const { group, member, grantor, options } = found;
  const same = today.find((one) => one.group === group && one.member === member && one.grantor === grantor);
  const superfluous = options.filter((option) => same?.options.includes(option) !== true);
  const what = same === undefined ? [""] : superfluous.map((option) => `${option} OPTION FOR `);
  const by = grantor === null ? "" : ` GRANTED BY ${identifier(grantor)}`;
  const [of, from] = [identifier(group), identifier(member)];
  // CASCADE: with the admin option goes what its holder granted by virtue of it.
  return what.map((option) => `REVOKE ${option}${of} FROM ${from}${by} CASCADE`);
}

/** SQL that takes back what a superuser's sessions, or anybody's with a superuser's setting, would begin with. */
const settingStatements = (found: readonly SessionSetting[], today: readonly SessionSetting[]): string[] =>
  found
    .filter(({ isPrivileged }) => isPrivileged)
    .filter(
      (one) =>
        !today.some((other) => one.whose === other.whose && one.name === other.name && one.value === other.value),
    )
    .map(({ whose, name }) => `ALTER ${whose} RESET ${identifier(name)}`);

/**
 * Has a restored cluster obey the roles of today: passwords and attributes are today's, as the pooler, Patroni and the
 * applications have those. Otherwise a backup would bring back a login that was taken away since, or superusers of its own.
 * Nor is anyone a member of a role that he is not a member of today, by the same grantor from PostgreSQL 16 on; no grant is added.
 * @returns logins that are not there today and came back without the right to log in
 */
export const keepRoles = (restored: SocketServer, today: Roles): Promise<string[]> =>
  inSession(restored, async (client) => {
    const found = await queryRoles(client);
    const byName = new Map(today.roles.map((one) => [one.role, one]));
    // The login that does this is a superuser on both sides, and must stay one until the end.
    const others = found.roles.filter(({ role }) => role !== userOf(restored));
    const statements = [
      ...others.map((one) => roleStatement(one, byName.get(one.role))),
      ...found.memberships.flatMap((one) => membershipStatements(one, today.memberships)),
      ...settingStatements(found.settings, today.settings),
    ];
    await client.query("BEGIN");
    for (const statement of statements) await client.query(statement);
    await client.query("COMMIT");
    return others
      .filter(({ role, attributes }) => !byName.has(role) && / LOGIN$/.test(attributes))
      .map(({ role }) => role);
  });
