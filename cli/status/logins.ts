import { Client } from "pg";
import { broken, type Finding, good, unlessAny } from "../checks/finding";
import { messageOf } from "../../lib/errors";
import { within } from "../../lib/retry";
import type { NodeHealth } from "./cluster";
import type { Connection } from "./service-file";

/** Seconds for one login with its statement. */
const timeout = 8;

/** A login of an application, and what it is for. */
export interface Login {
  readonly application: string;
  readonly route: "read-write" | "read-only";
  /** With the password. */
  readonly url: string;
}

export const loginsOf = (connections: Readonly<Record<string, Connection>>): Login[] =>
  Object.entries(connections).flatMap(([application, { readWrite, readOnly }]): Login[] => [
    { application, route: "read-write", url: readWrite },
    { application, route: "read-only", url: readOnly },
  ]);

/**
 * What a login has to be able to do. A message in the WAL is a commit like any other: it needs a primary, room on its disk and,
 * under synchronous replication, a replica that has it. It leaves no row, and needs no right on any table.
 */
const statements: Readonly<Record<Login["route"], string>> = {
  "read-write": "SELECT pg_catalog.pg_logical_emit_message(true, 'howdah', 'status')",
  "read-only": "SELECT pg_catalog.count(*) FROM pg_catalog.pg_namespace",
};

/** Logs in as an application does, TLS verified, and runs a statement. @param ca PEM @throws if that does not work */
export async function tryLogin({ url, route }: Login, ca: string): Promise<void> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const client = new Client({
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ssl: { ca },
    application_name: "howdah status",
  });
  client.on("error", () => undefined);
  const work = async (): Promise<void> => {
    await client.connect();
    await client.query(statements[route]);
  };
  try {
    await within(timeout * 1000, work());
  } finally {
    // `end` would wait for a pooler that hangs.
    client.connection.stream.destroy();
  }
}

/** A server, as Patroni sees it. */
export type Server = Pick<NodeHealth, "name" | "address" | "role" | "healthy">;

/** The same login at a server itself; the pooler's database for read-write has the server's name of it. */
function loginAt({ address, role }: Server, application: string, { readWrite }: Connection): Login {
  const url = new URL(readWrite);
  url.host = address;
  return { application, route: role === "primary" ? "read-write" : "read-only", url: url.toString() };
}

/**
 * Logs in as every application at every healthy server itself: the pooler goes on with the connections that it has, while the server
 * refuses new ones. One at a time on each: in addition to full pools, a login has room for two more.
 * @returns what is not good
 */
export async function judgeNewSessions(
  connections: Readonly<Record<string, Connection>>,
  ca: string,
  servers: readonly Server[],
): Promise<readonly Finding[]> {
  const refusedBy = async (server: Server): Promise<readonly (readonly [refusal: string, by: string])[]> => {
    const refusals: [string, string][] = [];
    for (const [application, connection] of Object.entries(connections)) {
      await tryLogin(loginAt(server, application, connection), ca).catch((error: unknown) => {
        refusals.push([`${application}, a new session: ${messageOf(error)}`, server.name]);
      });
    }
    return refusals;
  };
  const refusals = (await Promise.all(servers.filter(({ healthy }) => healthy).map(refusedBy))).flat();
  const by = (refusal: string): string[] => refusals.filter(([same]) => same === refusal).map(([, server]) => server);
  return [...new Set(refusals.map(([refusal]) => refusal))].map((refusal) =>
    broken("login", `${refusal} (${by(refusal).join(", ")})`),
  );
}

/** Tries every login on every route, all at once. */
export async function judgeLogins(
  connections: Readonly<Record<string, Connection>>,
  ca: string,
): Promise<readonly Finding[]> {
  const logins = loginsOf(connections);
  const bad = await Promise.all(
    logins.map(async (login): Promise<Finding[]> => {
      try {
        await tryLogin(login, ca);
        return [];
      } catch (error) {
        return [broken("login", `${login.application}, ${login.route}: ${messageOf(error)}`)];
      }
    }),
  );
  const names = Object.keys(connections).join(", ");
  return unlessAny(bad.flat(), good("login", `${names}: read-write and read-only`));
}
