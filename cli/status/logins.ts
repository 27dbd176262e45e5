import { Client } from "pg";
import { broken, type Finding, good, unlessAny, within } from "../checks/finding";
import { messageOf } from "../../lib/errors";
import type { Connection } from "./service-file";

/** Seconds for one login with its statement. */
const patience = 8;

/** A login of an application, on one of its routes. */
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

/** Logs in as an application does, TLS verified, and runs a statement. @param ca PEM @throws where that does not work */
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
    await within(patience, work());
  } finally {
    // `end` would wait for a pooler that hangs.
    client.connection.stream.destroy();
  }
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
