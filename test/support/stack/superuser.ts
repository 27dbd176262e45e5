import { execFile } from "node:child_process";

/** A server of a stack, and a database of it. */
export interface Place {
  readonly port: number;
  /** Default `postgres`. */
  readonly database?: string;
}

/**
 * SQL of a superuser over the Unix socket of one node, as the service user; returns psql's unaligned output.
 * @param at the node's port, in database `postgres`, or a place
 */
export function superuser(
  stack: { path: (...parts: string[]) => string },
  at: number | Place,
  sql: string,
): Promise<string> {
  const { port, database = "postgres" }: Place = typeof at === "number" ? { port: at } : at;
  const options = ["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", stack.path("run"), "-p", String(port)];
  const psql = ["psql", ...options, "-U", "postgres", "-d", database, "-f", "-"];
  const command =
    process.getuid?.() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", ...psql] : psql;
  return new Promise((done, reject) => {
    const child = execFile(command[0] ?? "", command.slice(1), { cwd: "/" }, (error, stdout, stderr) => {
      if (error === null) done(stdout.trimEnd());
      else reject(new Error(stderr));
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(sql);
  });
}
