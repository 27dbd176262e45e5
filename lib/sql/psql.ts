import { delimiter } from "node:path";
import { namesIn } from "../files";
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

/** Debian's newest `psql` before any other: `/usr/bin/psql` is a Perl script that starts the same one, in five times its time. */
const searchPath = (): string => {
  const versions = namesIn("/usr/lib/postgresql").sort((left, right) => Number(right) - Number(left));
  const folders = versions.map((version) => `/usr/lib/postgresql/${version}/bin`);
  return [...folders, process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter);
};

async function runPsql(where: Readonly<Record<string, string>>, { user = superuser, ...statement }: Statement) {
  const options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--file=-"];
  const session = { PGUSER: user, PGDATABASE: statement.database, PGCONNECT_TIMEOUT: "5" };
  const out = await runAsService(["psql", ...options], {
    input: statement.sql,
    variables: { PATH: searchPath(), ...where, ...session, PGOPTIONS: user === superuser ? sessionOptions() : "" },
  });
  return out.trimEnd();
}

/** Runs SQL through psql and returns its unaligned output. The text goes through standard input, so no secret is seen in a process list. */
export const psql = ({ socketDirectory, port }: LocalServer, statement: Statement): Promise<string> =>
  runPsql({ PGHOST: socketDirectory, PGPORT: String(port) }, statement);

/** The same on the first server that is the primary: psql itself passes over the others. @throws ProgramError also if there is none */
export const psqlOnPrimary = (servers: readonly LocalServer[], statement: Statement): Promise<string> => {
  const hosts = servers.map(({ socketDirectory }) => socketDirectory).join(",");
  const ports = servers.map(({ port }) => port).join(",");
  return runPsql({ PGHOST: hosts, PGPORT: ports, PGTARGETSESSIONATTRS: "primary" }, statement);
};

/** The one server of the cluster that is not in recovery; undefined while there is none. */
export const primaryOf = (servers: readonly LocalServer[]): Promise<LocalServer | undefined> =>
  firstPrimary(servers, async (server) => {
    const answer = await psql(server, { database: "postgres", sql: "SELECT pg_catalog.pg_is_in_recovery()" });
    return answer !== "f";
  });
