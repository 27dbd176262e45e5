import { execFileSync } from "node:child_process";
import { identifier, literal } from "../../../lib/sql/quote";

/** Environment variable with the loopback port of a real PostgreSQL that stands in the place of every server of RDS. */
export const serverPortVariable = "HOWDAH_SIMULATION_SERVER_PORT";

/** What RDS does with a password that it is given: the master user has it from then on. Without effect if there is no real server. */
export function setMasterPassword(user: unknown, password: unknown): void {
  const port = process.env[serverPortVariable];
  if (port === undefined || typeof user !== "string" || typeof password !== "string") return;
  const statement = `ALTER ROLE ${identifier(user)} PASSWORD ${literal(password)}`;
  execFileSync("psql", ["-qX", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-f", "-"], { input: statement });
}
