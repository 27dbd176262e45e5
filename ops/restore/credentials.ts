import { query, type SocketServer } from "../sql";

/** Password verifiers by role. */
export type Verifiers = readonly { readonly role: string; readonly verifier: string }[];

/** The verifiers of today. */
export const readVerifiers = (server: SocketServer): Promise<Verifiers[number][]> =>
  query(server, "SELECT rolname AS role, rolpassword AS verifier FROM pg_authid WHERE rolpassword IS NOT NULL");

/**
 * Gives the roles of a restored cluster the passwords of today: its own are those of the backup's time, which the pooler, Patroni
 * and the applications may no longer have. Roles that it lacks are left out.
 */
export async function keepVerifiers(restored: SocketServer, verifiers: Verifiers): Promise<void> {
  for (const { role, verifier } of verifiers) {
    const [statement] = await query<{ sql: string }>(
      restored,
      "SELECT format('ALTER ROLE %I PASSWORD %L', rolname, $2::text) AS sql FROM pg_roles WHERE rolname = $1",
      [role, verifier],
    );
    if (statement !== undefined) await query(restored, statement.sql);
  }
}
