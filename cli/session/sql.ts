import { Client, type ClientConfig, type QueryResultRow } from "pg";
import type { LocalStackFile, StackFile, StackFileServer } from "../../contracts/stack-file";
import { firstPrimary, inSession as inOwnSession, sessionOptions as pinned } from "../../lib/sql/session";
import { isRemoteJob } from "../kit/find-stack";
import { type RemoteServer, remoteConfig, remoteServer } from "./remote-login";

/** A server that is reached over its Unix socket, by the user that it runs as. */
export interface SocketServer {
  readonly socketDirectory: string;
  readonly port: number;
  /** Login. Default: the superuser, `postgres`. */
  readonly user?: string;
  /** Milliseconds for a connection. Default 5000: a server that leaves one unanswered for longer hangs. */
  readonly connectTimeout?: number;
}

/** A server with the login that works on it: a local one's superuser, or a login of a job's over TLS. */
export type DatabaseServer = SocketServer | RemoteServer;

export const isRemote = (server: DatabaseServer): server is RemoteServer => "auth" in server;

/** A server that is reached over its socket, as another of its logins: a session of its own, which no code in it can leave. */
export const asLogin = ({ socketDirectory, port, connectTimeout }: SocketServer, user: string): SocketServer => ({
  socketDirectory,
  port,
  ...(connectTimeout === undefined ? {} : { connectTimeout }),
  user,
});

/** Who works on a server that is reached over its socket. */
export const userOf = ({ user = "postgres" }: SocketServer): string => user;

/** What every session of ours says, for the `options` of a connection. */
export const sessionOptions = pinned();

/** Where a session goes that is about no database in particular. */
const usualDatabase = (server: DatabaseServer): string => (isRemote(server) ? server.database : "postgres");

const socketConfig = ({ connectTimeout = 5_000, ...server }: SocketServer): ClientConfig => ({
  host: server.socketDirectory,
  port: server.port,
  user: userOf(server),
  connectionTimeoutMillis: connectTimeout,
});

/** Settings of `pg` for a session of ours. */
export function sessionConfig(server: DatabaseServer, database = usualDatabase(server)): ClientConfig {
  const login = isRemote(server) ? remoteConfig(server) : socketConfig(server);
  return { ...login, database, options: sessionOptions, application_name: "howdah" };
}

/** Runs `work` in a session of the server's login. */
export const inSession = <T>(
  server: DatabaseServer,
  work: (client: Client) => Promise<T>,
  database?: string,
): Promise<T> => inOwnSession(sessionConfig(server, database), work);

/** The rows of one statement that is about no database in particular. */
export const query = async <T extends QueryResultRow>(
  server: DatabaseServer,
  sql: string,
  values: readonly unknown[] = [],
): Promise<T[]> => inSession(server, async (client) => (await client.query<T>(sql, [...values])).rows);

/** A server of a job's cluster. */
export type ClusterServer = SocketServer & StackFileServer;

/** The server of the job's cluster that is the primary; undefined if none answers: at this moment, see `awaitPrimary`. */
export function primaryOf({ servers, socketDirectory }: LocalStackFile): Promise<ClusterServer | undefined> {
  const all = servers.map((one) => ({ ...one, socketDirectory }));
  return firstPrimary(all, async (server) => {
    const [row] = await query<{ replica: boolean }>(server, "SELECT pg_is_in_recovery() AS replica");
    return row?.replica;
  });
}

/** The server of a job's that accepts writes; undefined if no server of a local cluster is the primary. */
export const serverOf = (job: StackFile): Promise<DatabaseServer | undefined> =>
  isRemoteJob(job) ? Promise.resolve(remoteServer(job)) : primaryOf(job);
