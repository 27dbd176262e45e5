import { Failure } from "../lib/errors";
import { follow } from "../lib/process/attended";

/** Runs pgbench as a client of a stack: TLS, verify-full. @param url of an application, as the stack gives it out @returns what it printed */
export async function pgbench(url: string, args: readonly string[]): Promise<string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const variables = {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: searchParams.get("sslrootcert") ?? "",
  };
  const program = "/usr/lib/postgresql/15/bin/pgbench";
  const { code, stdout, stderr } = await follow({ program, args, cwd: "/", variables }, () => undefined);
  if (code !== 0) throw new Failure(`pgbench failed:\n${stderr}`);
  return stdout;
}
