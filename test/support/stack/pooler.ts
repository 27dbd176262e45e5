import { execFile } from "node:child_process";
import type { TestStack } from "./stack";

/** Runs one command on the admin console of a stack's pooler, as the service user; returns the table, header first. */
export async function poolerConsole(stack: TestStack, command: string): Promise<string> {
  const { pooler } = await stack.outputs();
  const at = ["-h", stack.path("run"), "-p", String(pooler.port), "-U", "pgbouncer", "-d", "pgbouncer"];
  const psql = ["psql", "-X", "-A", ...at, "-c", command];
  const words =
    process.getuid?.() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", ...psql] : psql;
  return new Promise((done, reject) => {
    execFile(words[0] ?? "", words.slice(1), { cwd: "/" }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else reject(new Error(stderr));
    });
  });
}

/** Databases whose clients the pooler holds. */
export async function pausedDatabases(stack: TestStack): Promise<string[]> {
  const [header = "", ...rows] = (await poolerConsole(stack, "SHOW DATABASES")).split("\n");
  const paused = header.split("|").indexOf("paused");
  return rows
    .map((line) => line.split("|"))
    .filter((cells) => cells[paused] === "1")
    .map(([name = ""]) => name);
}
