import { type DatabaseServer, inSession } from "../../session/sql";
import { textFile } from "../../../lib/text/text-file";

/** Objects named in a message; more are counted. */
const shown = 5;

const look = textFile(__dirname, "unreadable.sql");

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
    (client) => client.query<{ what: string; owner: string; total: number }>(look, [exceptSchemas, shown]),
    database,
  );
  const named = rows.map(({ what, owner }) => `${what} of ${owner}`);
  const more = (rows[0]?.total ?? 0) - rows.length;
  return `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
