import type { Session } from "./connections";
import { identifier } from "../../../../lib/sql/quote";
import { textFile } from "../../../../lib/text/text-file";

/**
 * Takes advisory locks of roles and of a database, the same ones as the official plugin takes, to the end of the
 * transaction. In ascending order, so that two sessions never wait for each other.
 */
export async function lockRoles(session: Session, roles: readonly string[], database = ""): Promise<void> {
  await session.rows(
    `SELECT pg_advisory_xact_lock(oid) FROM (
       SELECT oid::bigint FROM pg_roles WHERE rolname = ANY ($1)
       UNION SELECT oid::bigint FROM pg_database WHERE datname = $2
       ORDER BY oid) AS locked`,
    [roles, database],
  );
}

/** A role to be lent; `member` already if only its inheritance is missing: nothing to take back then. */
interface Lent {
  readonly name: string;
  readonly member: boolean;
}

/** Roles of a list whose rights the connected one lacks and can be lent: superusers never can. */
function lacking(session: Session, roles: readonly string[]): Promise<Lent[]> {
  return session.rows<Lent & Record<string, unknown>>(textFile(__dirname, "lacking.sql"), [roles]);
}

/**
 * Runs `work` as a member of `roles`: an administrator that is not a superuser may not touch what others own. The membership
 * lives and ends inside the transaction, so no other session ever sees it.
 */
export async function asMemberOf<T>(session: Session, roles: readonly string[], work: () => Promise<T>): Promise<T> {
  const borrowed = await lacking(session, roles);
  for (const { name } of borrowed) await session.run(`GRANT ${identifier(name)} TO CURRENT_USER`);
  const result = await work();
  for (const { name } of borrowed.filter((role) => !role.member)) {
    await session.run(`REVOKE ${identifier(name)} FROM CURRENT_USER`);
  }
  return result;
}

/** Owner of the connected database. */
export async function databaseOwner(session: Session): Promise<string> {
  const row = await session.row<{ owner: string }>(
    "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = current_database()",
  );
  return row?.owner ?? "";
}
