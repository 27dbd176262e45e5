import type { Context } from "../../../runtime/resource";
import type { Connections, Session } from "../session/connections";
import { asMemberOf } from "../session/membership";
import { identifier } from "../../../../lib/sql/quote";
import { endSessions } from "./sessions";

/** Takes the database over and closes it to new sessions, so that no session comes back between the next two steps. */
async function close(session: Session, database: string): Promise<boolean> {
  const found = await session.row<{ owner: string }>(
    "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1",
    [database],
  );
  if (found === undefined) return false;
  const name = identifier(database);
  await asMemberOf(session, [found.owner], async () => {
    await session.run(`ALTER DATABASE ${name} OWNER TO CURRENT_USER`);
    await session.run(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false IS_TEMPLATE false`);
  });
  return true;
}

/**
 * Drops a database, open sessions or not (a pooler keeps its connections): closed to new sessions first, then the open ones
 * are ended, then DROP DATABASE WITH (FORCE) as its owner. Each step may be repeated.
 */
export async function dropDatabase(server: Connections, database: string, context: Context): Promise<void> {
  const doing = `drop database ${identifier(database)}`;
  if (!(await server.transaction({ context, doing }, (session) => close(session, database)))) return;
  await server.close(database);
  await server.transaction({ context, doing }, (session) => endSessions(session, "datname = $1", [database]));
  await server.session({ context, doing }, (session) =>
    session.run(`DROP DATABASE IF EXISTS ${identifier(database)} WITH (FORCE)`),
  );
}
