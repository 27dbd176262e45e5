import type { Session } from "../session/connections";
import { asMemberOf } from "../session/membership";

/** Milliseconds that a terminated session may take to go. */
const GOODBYE = 5000;

/**
 * Ends the sessions of `pg_stat_activity` that meet a condition, those of superusers left out. To end another role's session takes its
 * membership.
 * @param values of $1, $2 … in the condition
 */
export async function endSessions(session: Session, condition: string, values: readonly unknown[]): Promise<void> {
  const chosen = `FROM pg_stat_activity JOIN pg_roles ON rolname = usename AND NOT rolsuper
    WHERE pid <> pg_backend_pid() AND ${condition}`;
  const users = await session.rows<{ usename: string }>(`SELECT DISTINCT usename ${chosen}`, [...values]);
  const names = users.map((row) => row.usename);
  if (names.length === 0) return;
  await asMemberOf(session, names, () =>
    session.rows(`SELECT pg_terminate_backend(pid, ${GOODBYE}) ${chosen}`, [...values]),
  );
}
