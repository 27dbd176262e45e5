import { run } from "./system/exec";

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

/**
 * Stronger than what a database's owner may set for it: with a search path of his, the operators of our SQL would be his
 * functions, run as the superuser (CVE-2018-1058). The others could make it fail, or mean something else.
 */
const ownSettings = [
  "search_path=pg_catalog",
  "role=none",
  "standard_conforming_strings=on",
  "default_transaction_read_only=off",
  "statement_timeout=0",
]
  .map((setting) => `-c ${setting}`)
  .join(" ");

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
  const out = await run(command, {
    input: statement.sql,
    environment: { ...environment, PGCONNECT_TIMEOUT: "5", PGOPTIONS: user === superuser ? ownSettings : "" },
  });
  return out.trimEnd();
}

/** The one server of the cluster that is not in recovery; undefined while there is none. */
export async function primaryOf(servers: readonly LocalServer[]): Promise<LocalServer | undefined> {
  for (const server of servers) {
    const answer = await psql(server, { database: "postgres", sql: "SELECT pg_catalog.pg_is_in_recovery()" }).catch(
      () => "",
    );
    if (answer === "f") return server;
  }
  return undefined;
}
