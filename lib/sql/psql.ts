import { firstPrimary, sessionOptions } from "./session";
import { runAsService } from "../process/task";

/** Where a server is reached without a password: its Unix socket, as the service user. */
export interface LocalServer {
  readonly socketDirectory: string;
  readonly port: number;
}

export interface Statement {
  readonly database: string;
  readonly sql: string;
  /** Role to log in as. Default `postgres`. */
  readonly user?: string;
}

const superuser = "postgres";

/** Runs SQL through psql and returns its unaligned output. The text goes through standard input, so no secret is seen in a process list. */
export async function psql(server: LocalServer, statement: Statement): Promise<string> {
  const user = statement.user ?? superuser;
  const command = [
    "psql",
    "--no-psqlrc",
    "--quiet",
    "--tuples-only",
    "--no-align",
    "--set=ON_ERROR_STOP=1",
    "--file=-",
  ];
  const environment = {
    PGHOST: server.socketDirectory,
    PGPORT: String(server.port),
    PGUSER: user,
    PGDATABASE: statement.database,
  };
  const out = await runAsService(command, {
    input: statement.sql,
    variables: { ...environment, PGCONNECT_TIMEOUT: "5", PGOPTIONS: user === superuser ? sessionOptions() : "" },
  });
  return out.trimEnd();
}

/** The one server of the cluster that is not in recovery; undefined while there is none. */
export const primaryOf = (servers: readonly LocalServer[]): Promise<LocalServer | undefined> =>
  firstPrimary(servers, async (server) => {
    const answer = await psql(server, { database: "postgres", sql: "SELECT pg_catalog.pg_is_in_recovery()" });
    return answer !== "f";
  });
